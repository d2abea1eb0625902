import Testing

@testable import Desk

@Suite("A person finds their own open sessions")
struct OpenSessionsTests {
  @Test("those that a customer has opened, newest first, without what is closed and what is others'")
  func customer() {
    var desk = Desk()
    let own = (0..<4).map { desk.open(request: "r\($0)") }
    _ = desk.open("bob")
    desk.close(own[1])
    let alice = Person.customer("alice")
    #expect(desk.state.main.openSessions(of: alice, limit: 10).sessions == [own[3], own[2], own[0]])
    let (some, more) = desk.state.main.openSessions(of: alice, limit: 2)
    #expect(some == [own[3], own[2]] && more)
    #expect(desk.state.main.openSessions(of: .agent("alice"), limit: 10).sessions.isEmpty)
    #expect(desk.state.main.openSessions(of: .customer("nobody"), limit: 10).sessions.isEmpty)
  }

  @Test("those that an agent serves, newest first")
  func agent() {
    var desk = Desk()
    desk.status("bob", capacity: 600)
    let sessions = (0..<600).map { desk.open("c\($0)") }
    let (some, more) = desk.state.main.openSessions(of: .agent("bob"), limit: 300)
    #expect(some == sessions.suffix(300).reversed() && more)
    #expect(desk.state.main.openSessions(of: .agent("bob"), limit: 600).more == false)
  }

  @Test("a snapshot brings them back")
  func snapshot() throws {
    var desk = Desk()
    let own = (0..<40).map { desk.open(request: "r\($0)") }
    for session in own.prefix(10) { desk.close(session) }
    let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.main.openSessions(of: .customer("alice"), limit: 100).sessions == own.dropFirst(10).reversed())
    #expect(copy.checkInvariants().isEmpty)
  }
}
