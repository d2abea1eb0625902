import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("Attendance of many sessions is bounded in each turn and as a whole")
struct PresenceBoundsTests {
  private let now = Instant(nanoseconds: 1_000_000_000)
  private let ben = Person(id: "ben", role: .customer, name: "Ben")
  private func session(_ number: Int) -> SessionID { SessionID(rawValue: UInt64(number)) }
  private func report(_ number: Int) -> AttendanceReport {
    AttendanceReport(session: session(number), seen: 0, isFollowed: true, people: [ben])
  }

  @Test("ten thousand sessions that move at once are reported in ten turns, in order, and then at leisure")
  func moveAtOnce() {
    var local = LocalPresence(turns: 150)
    for number in 1...10_000 { local.followersChanged(session(number)) }
    #expect(local.turn().count <= Round.limit * 2)
    for _ in 0..<200 { for session in local.turn() { _ = local.report(session, [ben], to: ServerID(1)) } }
    local.tellAgain()
    var told: [SessionID: Int] = [:]
    for _ in 0..<10 {
      let turn = local.turn()
      #expect(turn.count == Round.limit)
      for session in turn { told[session, default: 0] += 1 }
    }
    #expect(told.count == 10_000)
    #expect(local.turn().count <= 67)
  }

  @Test("an owner answers a thousand sessions in a turn, and takes up no more than the limit")
  func owner() {
    var table = PresenceTable(after: 0, period: .seconds(15), turns: 150)
    for number in 1...PresenceTable.limit + 10 { table.take(report(number), from: ServerID(2), now: now) }
    #expect(table.count == PresenceTable.limit)
    let lists = table.takeLists { _ in true }
    #expect(lists.map(\.list.session) == (1...Round.limit).map(session))
    #expect(lists.allSatisfy { $0.to == ServerID(2) && $0.list.people == [ben] })
  }

  @Test("a list is told to the nodes that do not have it, once, and only by the owner")
  func versions() {
    var table = PresenceTable(after: 7, period: .seconds(15), turns: 1)
    table.take(report(1), from: ServerID(2), now: now)
    let early = table.takeLists { _ in false }
    #expect(early.isEmpty)
    // It is the owner now.
    table.turn(now)
    let first = table.takeLists { _ in true }
    #expect(first.map(\.list.version) == [8])
    let again = table.takeLists { _ in true }
    #expect(again.isEmpty)
    var later = report(1)
    later.seen = 8
    table.take(later, from: ServerID(2), now: now)
    table.take(report(1), from: ServerID(3), now: now)
    let third = table.takeLists { _ in true }
    #expect(third.map(\.to) == [ServerID(3)])
    #expect(third.map(\.list.version) == [8])
  }

  @Test("what an earlier owner says, or anybody of a session that nobody follows, is not heard")
  func formerOwner() {
    var local = LocalPresence(turns: 1)
    let list = AttendanceList(session: session(1), version: 5, people: [ben])
    let nobody = local.take(list, from: ServerID(1), now: now)
    #expect(nobody.isEmpty)
    local.followersChanged(session(1))
    _ = local.report(session(1), [], to: ServerID(1))
    _ = local.report(session(1), [], to: ServerID(2))
    let former = local.take(list, from: ServerID(1), now: now)
    #expect(former.isEmpty)
    let present = local.take(list, from: ServerID(2), now: now)
    #expect(present == [ben])
    #expect(local.shown(in: session(1)) == [ben])
  }

  @Test("people of one session are bounded, on a node and in all")
  func people() {
    var local = LocalPresence(turns: 1)
    var table = PresenceTable(after: 0, period: .seconds(15), turns: 1)
    for server in 1...9 {
      local.followersChanged(session(1))
      _ = local.turn()
      let crowd = (0..<50).map { Person(id: "\(server)-\($0)", role: .agent, name: "") }
      for (_, report) in local.report(session(1), crowd, to: ServerID(1)) where report.isFollowed {
        #expect(report.people.count == LocalPresence.mostPeople)
        table.take(report, from: ServerID(UInt64(server)), now: now)
      }
    }
    #expect(table.takeLists { _ in true }.first?.list.people.count == AttendanceList.mostPeople)
  }
}
