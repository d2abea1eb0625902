import Kernel
import Testing

@testable import Desk

@Suite("Watching and taking over")
struct WatchTests {
  private static func parts(_ desk: Desk, _ session: SessionID, by person: Person) throws -> [String] {
    try desk.ask(Participants(session: session), by: person).participants.map { "\($0.user) \($0.part.name)" }
  }

  @Test("whoever watches is seen by supervisors and admins alone, and changes nothing that its customer sees")
  func watch() throws {
    var (desk, session) = Desk.served()
    desk.status("ann", capacity: 0)
    desk.perform(Invite(session: session, agent: "ann"), by: .agent("bob"))
    let before = desk.state.session(session)
    desk.time += 1_000
    let outcome = desk.perform(Watch(session: session), by: .supervisor("sue"))
    let news = NewsRecord(Watched(by: "sue", role: .supervisor, shown: "sue", on: true))
    #expect(Desk.told(outcome) == [.news(session, news)])
    #expect(outcome.effects.count == 2, "it is in the audit")
    #expect(desk.state.session(session)?.version == before?.version)
    #expect(desk.state.session(session)?.updatedAt == before?.updatedAt)
    try desk.reload()
    let seen = ["alice customer", "bob serving", "ann invited"]
    for person in [Person.customer("alice"), .agent("bob"), .agent("ann")] {
      #expect(try Self.parts(desk, session, by: person) == seen)
    }
    for person in [Person.supervisor("kim"), .admin("root")] {
      #expect(try Self.parts(desk, session, by: person) == seen + ["sue watching"])
    }
    #expect(throws: (any Error).self) { try Self.parts(desk, session, by: .agent("eve")) }
    #expect(throws: (any Error).self) { try Self.parts(desk, session, by: .customer("eve")) }
    #expect(!desk.state.maySend(.supervisor("sue"), session: session))
    #expect(desk.perform(Watch(session: session), by: .supervisor("sue")).effects.count == 1)
    desk.close(session)
    #expect(try Self.parts(desk, session, by: .supervisor("sue")) == seen)
  }

  @Test("news of it is for supervisors and admins, notes are for staff, and the rest is for all")
  func audiences() {
    let watched = Watched(by: "sue", role: .supervisor, shown: "", on: true)
    #expect(
      !watched.isFor(.customer("alice")) && !watched.isFor(.agent("bob")) && watched.isFor(.supervisor("x")))
    let invited = Invited(agent: "ann", shown: "", by: nil)
    #expect(invited.isFor(.customer("alice")))
    for type in NewsRecord.all.values where type.audience != .everybody {
      #expect(!Events.ofDesks.contains { "\($0.name)" == "\(type.name)" }, "\(type.name)")
    }
  }

  @Test("eight watch, and the next one when one has gone")
  func bound() {
    var (desk, session) = Desk.served()
    for number in 0..<Team.mostWatching {
      #expect(desk.perform(Watch(session: session), by: .supervisor("s\(number)")).answer == .done)
    }
    #expect(desk.perform(Watch(session: session), by: .admin("root")).answer == .refused(.tooManyWatching))
    #expect(desk.perform(Unwatch(session: session), by: .supervisor("s0")).answer == .done)
    #expect(desk.perform(Watch(session: session), by: .admin("root")).answer == .done)
    #expect(Desk.told(desk.perform(Unwatch(session: session), by: .supervisor("s0"))).isEmpty)
    desk.close(session)
    #expect(desk.perform(Watch(session: session), by: .supervisor("s0")).answer == .refused(.sessionClosed))
    #expect(desk.perform(Unwatch(session: session), by: .supervisor("s1")).answer == .done)
  }

  @Test("a supervisor who is an agent with room takes over, and watches no more")
  func takeOver() {
    var (desk, session) = Desk.served()
    #expect(desk.perform(TakeOver(session: session), by: .supervisor("sue")).answer == .refused(.noSuchAgent))
    desk.status("sue", .away)
    #expect(
      desk.perform(TakeOver(session: session), by: .supervisor("sue")).answer == .refused(.agentUnavailable))
    desk.status("sue", capacity: 1)
    desk.perform(Invite(session: session, agent: "sue"), by: .agent("bob"))
    desk.perform(Watch(session: session), by: .supervisor("sue"))
    let outcome = desk.perform(TakeOver(session: session), by: .supervisor("sue"))
    #expect(
      Desk.told(outcome) == [
        .session(session, .transferred(from: AgentID("bob"), to: .agent(AgentID("sue")))),
        .session(session, .assigned(AgentID("sue"))),
      ])
    #expect(desk.agents(of: session) == ["sue"] && desk.invited(to: session) == [])
    #expect(desk.state.session(session)?.team?.watching.isEmpty ?? true)
    #expect(Desk.told(desk.perform(TakeOver(session: session), by: .supervisor("sue"))).isEmpty)
    // No room for a second one.
    desk.status("bob", capacity: 1)
    let second = desk.open("ben")
    #expect(
      desk.perform(TakeOver(session: second), by: .supervisor("sue")).answer == .refused(.agentUnavailable))
  }
}
