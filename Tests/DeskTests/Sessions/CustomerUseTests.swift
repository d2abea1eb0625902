import Testing

@testable import Desk

@Suite("What a customer uses")
struct CustomerUseTests {
  private let hour = CustomerUse.hourMilliseconds
  private let ann = Person(id: "ann", role: .customer, name: "Ann")

  private func run(_ desk: inout ReplicatedState, _ command: Command, index: UInt64, now: UInt64) {
    var effects: [Effect] = []
    desk.apply(
      [Submission(origin: Origin(server: ServerID(1), request: 0), command: command)], index: index, now: now,
      into: &effects)
  }

  private func opening(_ request: String, customer: String = "ann") -> Command {
    .open(
      OpenSession(
        customer: Person(id: customer, role: .customer, name: customer), requestID: request, channel: "",
        skill: "", intent: "", priority: 0, attributes: [Attribute(name: "abc", json: "1234567")],
        owner: ServerID(1)))
  }

  @Test("sessions count while they are open, the rest for the hour, and a snapshot says the same")
  func counts() throws {
    var desk = ReplicatedState()
    let session = try #require(SessionID(index: 1, place: 0))
    run(&desk, opening("a"), index: 1, now: 5 * hour + 10)
    run(&desk, opening("a"), index: 2, now: 5 * hour + 11)
    run(&desk, opening("b"), index: 3, now: 5 * hour + 12)
    for (index, id) in [(4, "m"), (5, "m"), (6, "n")] as [(UInt64, String)] {
      run(
        &desk,
        .send(
          SendMessage(
            session: session, epoch: Epoch(1), id: id, sender: ann, kind: .text,
            body: [UInt8](repeating: 65, count: 99))), index: index, now: 5 * hour + index)
    }
    var use = desk.main.use(ofCustomer: "ann", at: 0)
    #expect(use.openSessions == 2 && use.opened == 2 && use.bytes == 2 * 10)
    #expect(try #require(desk.size(of: session, at: 0)) == SessionSize(messages: 2, bytes: 200, uncounted: 200))
    let restored = try ReplicatedState(snapshot: desk.encodedSnapshot())
    use.bytes += 200
    #expect(restored.main.use(ofCustomer: "ann", at: 0) == use)
    #expect(
      try #require(restored.size(of: session, at: 0)) == SessionSize(messages: 2, bytes: 200, uncounted: 0))
    #expect(desk.checkInvariants() == [] && restored.checkInvariants() == [])

    run(
      &desk, .close(CloseSession(session: session, epoch: Epoch(1), by: ann, reason: "")), index: 7,
      now: 5 * hour + 20)
    #expect(desk.main.use(ofCustomer: "ann", at: 0).openSessions == 1)
    #expect(desk.main.use(ofCustomer: "ann", at: 0).opened == 2)
    use = desk.main.use(ofCustomer: "ann", at: 6 * hour)
    #expect(use.openSessions == 1 && use.opened == 0 && use.bytes == 0)
    run(&desk, opening("c", customer: "ben"), index: 8, now: 6 * hour + 1)
    #expect(try ReplicatedState(snapshot: desk.encodedSnapshot()).main.use(ofCustomer: "ann", at: 0) == use)
    #expect(desk.checkInvariants() == [])
  }

  @Test("what is said counts from a KiB on, when the session is closed, and in its own hour")
  func uncounted() {
    var said = UncountedBytes()
    #expect(said.add(1_000, at: 5 * hour) == 0 && said.value(at: 5 * hour + 1) == 1_000)
    #expect(said.add(24, at: 5 * hour) == 1_024 && said.value(at: 5 * hour) == 0)
    #expect(said.add(5_000_000_000, at: 5 * hour) == 5_000_000_000)
    #expect(said.add(1_023, at: 5 * hour) == 0 && said.add(1, at: 6 * hour) == 0)
    #expect(said.take(at: 6 * hour) == 1 && said.take(at: 6 * hour) == 0)
    #expect(said.add(7, at: 6 * hour) == 0 && said.take(at: 7 * hour) == 0)
  }

  @Test("customers who have gone are forgotten")
  func forgets() {
    var table = CustomerTable(exponent: 10)
    for number in 0..<10_000 {
      let time = 3 * hour + UInt64(number)
      table.change("c\(number)", at: time) { $0.openSessions += 1 }
      table.change("c\(number)", at: time) { $0.openSessions -= 1 }
    }
    #expect(table.count == 10_000)
    for number in 0..<1_024 { table.change("d\(number)", at: 5 * hour) { $0.openSessions += 1 } }
    #expect(table.count == 1_024)
    for number in 0..<1_024 { #expect(table.use(of: "d\(number)", at: 9 * hour).openSessions == 1) }
  }
}
