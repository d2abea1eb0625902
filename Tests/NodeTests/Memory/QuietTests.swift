import Desk
import Kernel
import Raft
import Testing

@testable import Node

@Suite("A node for which there is nothing to do")
struct QuietTests {
  private func time(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test("is quiet when nothing was applied for half a minute, and lets go once for each such time")
  func look() {
    var quiet = Quiet()
    let steps: [(index: UInt64, at: UInt64, letsGo: Bool)] = [
      (5, 1, false), (5, 30, false), (5, 31, true), (5, 99, false), (6, 100, false), (7, 129, false),
      (7, 158, false),
      (7, 159, true),
    ]
    for step in steps {
      let letsGo = quiet.look(LogIndex(step.index), now: time(step.at))
      #expect(letsGo == step.letsGo, "at \(step.at)")
      if letsGo { #expect(quiet.isSettled) }
      if step.at == 100 { #expect(!quiet.isSettled) }
    }
  }

  @Test(
    "makes a snapshot of a small state behind which there is much log, and none where there is little",
    arguments: [true, false])
  func snapshot(isMuch: Bool) throws {
    var node = try LoneNode { _ in }
    let body = [UInt8](repeating: 1, count: 64 << 10)
    for number in 0..<(isMuch ? 70 : 50) {
      let send = SendMessage(
        session: SessionID(rawValue: 1), epoch: Epoch(1), id: "m\(number)",
        sender: Person(id: "ann", role: .customer, name: ""), kind: .text, body: body)
      node.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .send(send))])
      node.persist()
    }
    node.pass(29_000)
    #expect(node.snapshotJobs.isEmpty)
    node.pass(3_000)
    #expect(node.snapshotJobs.count == (isMuch ? 1 : 0))
    node.pass(60_000)
    #expect(node.snapshotJobs.count == (isMuch ? 1 : 0), "once")
  }
}
