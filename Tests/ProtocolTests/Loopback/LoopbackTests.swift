import Desk
import Kernel
import Testing

@testable import Protocol

@Suite("both ends of a connection as values, over a stream of bytes")
struct LoopbackTests {
  /// Some that are always tried and one that is new each time; the framework names it when the test fails.
  static let seeds: [UInt64] = Array(1...20) + [UInt64.random(in: 21 ... .max)]

  @Test(
    "every line is acknowledged once and every other one told once, in order, whatever the stream does",
    arguments: seeds)
  func conversation(seed: UInt64) throws {
    let loop = Loopback(seed: seed, tokenLife: seed % 2 == 0 ? nil : 2_000)
    try loop.submit(SentFrame(Open(), id: "o"))
    let (own, others) = (40, 40)
    var (said, heard) = (0, 0)
    var isOpen = false
    // Ten minutes of the clock of this test.
    for _ in 0..<600_000 {
      try loop.step()
      if !isOpen {
        isOpen = loop.told.contains { if case .resolve("o", .opened) = $0 { true } else { false } }
        continue
      }
      if said < own, loop.chance(30) {
        said += 1
        let body = "line \(said) \"ü\n" + String(repeating: "x", count: loop.draw(300))
        try loop.submit(
          SentFrame(Send(session: Loopback.session, body: Array(body.utf8)), id: "m\(said)"))
      }
      if heard < others, loop.chance(30) {
        heard += 1
        loop.say("other \(heard) " + String(repeating: "y", count: loop.draw(loop.chance(10) ? 100_000 : 300)))
      }
      if said < own || heard < others, loop.chance(400) { loop.breakOff() }
      if acknowledged(loop).count == own, messages(loop).count == others { break }
    }
    let expected = loop.messages.filter { !$0.id.hasPrefix("m") }
    #expect(messages(loop).map(\.sequence) == expected.map(\.sequence.rawValue))
    let isWhole = messages(loop).map(\.body) == expected.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(isWhole, "a body was changed on its way")
    let kept = Dictionary(
      uniqueKeysWithValues: loop.messages.filter { $0.id.hasPrefix("m") }.map { ($0.id, $0.sequence.rawValue) })
    #expect(acknowledged(loop) == kept && kept.count == own)
    #expect(loop.client.connection.isReady)
  }

  @Test("a connection outlives its tokens", arguments: [1, 2, 3, 4, 5, 6, 7, 8])
  func renewals(seed: UInt64) throws {
    let loop = Loopback(seed: seed, tokenLife: 2_000)
    for _ in 0..<30_000 { try loop.step() }
    #expect(loop.losses == 0)
    #expect(loop.renewals >= 15)
    #expect(loop.client.connection.isReady)
    let complaints = loop.told.filter { if case .emit(.serverError) = $0 { true } else { false } }
    #expect(complaints.isEmpty)
  }

  @Test("the same seed gives the same run")
  func determinism() throws {
    func run() throws -> [ClientAction] {
      let loop = Loopback(seed: 7)
      try loop.submit(SentFrame(Open(), id: "o"))
      for number in 0..<2_000 {
        try loop.step()
        if number % 100 == 0 { loop.say("line \(number)") }
        if number % 700 == 699 { loop.breakOff() }
      }
      #expect(loop.losses == 2)
      return loop.told
    }
    let first = try run()
    #expect(first.count > 10)
    #expect(try first == run())
  }

  private func messages(_ loop: Loopback) -> [ChatMessage] {
    loop.told.compactMap { if case .emit(.message(let message)) = $0 { message } else { nil } }
  }

  /// The answered places, by id; an id that is answered twice is not among them.
  private func acknowledged(_ loop: Loopback) -> [String: UInt64] {
    let all = loop.told.compactMap { action -> Acknowledgement? in
      guard case .resolve(_, .acknowledged(let proof)) = action else { return nil }
      return proof
    }
    return Dictionary(grouping: all, by: \.id).compactMapValues { $0.count == 1 ? $0[0].sequence : nil }
  }
}
