import Kernel
import Testing

@testable import Desk

@Suite("Operations in logs")
struct EnvelopeTests {
  private static let ann = Person(id: "a", role: .agent, name: "")

  private static func entry(_ envelope: Envelope) -> [UInt8] {
    CommandCodec.encode([
      Submission(origin: Origin(server: ServerID(2), request: 0), command: .perform(envelope))
    ])
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }
    return stride(from: 0, to: digits.count, by: 2).map { place in
      let start = digits.index(digits.startIndex, offsetBy: place)
      return UInt8(digits[start...].prefix(2), radix: 16) ?? 0
    }
  }

  @Test("the bytes of an operation, which logs keep for ever")
  func golden() throws {
    let session = SessionID(rawValue: 5)
    let close = Envelope(Close(session: session, reason: "done"), id: "c1", by: Self.ann, epoch: Epoch(128))
    // version, level, count; tag, origin; number, level, length; epoch, id, person; the fields by number.
    #expect(
      Self.entry(close)
        == Self.bytes("02 03 01  0F 02 00  20 03 13  8001 02 6331 01 61 01 00  01 01 05  02 05 04 646F6E65"))
    let transfer = Envelope(Transfer(session, to: .skill("tv")), id: "t1", by: Self.ann, epoch: Epoch(1))
    #expect(
      Self.entry(transfer)
        == Self.bytes("02 03 01  0F 02 00  21 03 10  01 02 7431 01 61 01 00  01 01 05  03 03 02 7476"))
    for envelope in [close, transfer] {
      #expect(try CommandCodec.decode(Self.entry(envelope)).map(\.command) == [.perform(envelope)])
    }
  }

  @Test("below level 3 an operation has the form that the nodes of then read")
  func legacy() throws {
    let session = SessionID(rawValue: 5)
    for level in [Level.first, .second] {
      let close = Envelope(
        Close(session: session, reason: "x"), id: "", by: Self.ann, epoch: Epoch(1), level: level)
      #expect(close.level == .first)
      #expect(Self.entry(close) == Self.bytes("01 01  03 02 00 05 01 01 61 01 00 01 78"))
      #expect(try CommandCodec.decode(Self.entry(close)).map(\.command) == [.perform(close)])
    }
  }

  @Test("every operation of sessions is read as it was written, from a log and from a forward")
  func roundTrip() throws {
    let seed: UInt64 = 20_261_130
    var random = SeededGenerator(seed: seed)
    for (_, type) in Operations.ofSessions.sorted(by: { $0.key < $1.key }) {
      try Self.check(type, &random, seed)
    }
  }

  private static func check<One: SessionOperation>(
    _: One.Type, _ random: inout SeededGenerator, _ seed: UInt64
  ) throws {
    for round in 0..<200 {
      let operation = One.fields.sample(&random)
      let envelope = Envelope(operation, id: "r\(round)", by: ann, epoch: Epoch(random.next() % 9))
      let command = Command.perform(envelope)
      let entry = entry(envelope)
      #expect(try CommandCodec.decode(entry).map(\.command) == [command], "seed \(seed), round \(round)")
      #expect(entry.count <= command.mostBytes + CommandCodec.headerBytes)
      #expect(envelope.session == operation.session && envelope.opened(as: One.self) != nil)
    }
  }

  @Test("numbers of operations are above those of commands, and no two are the same")
  func numbers() {
    var (operations, news, facets): (Set<UInt16>, Set<UInt16>, Set<UInt16>) = ([], [], [])
    var kinds: Set<String> = []
    for event in Events.ofSessions {
      #expect(news.insert(event.number).inserted && kinds.insert("\(event.name)").inserted, "\(event.name)")
    }
    for case let type as any SessionOperation.Type in Operations.all {
      #expect(type.number >= 32 && operations.insert(type.number).inserted, "\(type.name)")
      for event in type.events {
        #expect(news.insert(event.number).inserted && kinds.insert("\(event.name)").inserted, "\(event.name)")
      }
      for facet in type.facets { facets.insert(facet.number) }
    }
    #expect(operations.count == Operations.ofSessions.count && facets.count == Facets.all.count)
  }

  @Test(
    "what no build writes is refused",
    arguments: [
      "02 03 01  0F 02 00  20 02 0B  01 00 01 61 01 00  01 01 05  02 00",  // another level than it has
      "02 03 01  0F 02 00  1F 03 0A  01 00 01 61 01 00  01 01 05",  // an operation that is not known
      "02 03 01  0F 02 00  20 03 0D  01 00 01 61 01 00  01 01 05  09 01 00",  // a field that is not known
      "02 03 01  0F 02 00  20 03 0E  01 00 01 61 01 00  02 01 00  01 01 05 00",  // fields that descend
      "02 03 01  0F 02 00  20 03 07  01 00 01 61 01 00",  // no session
      "02 03 01  0F 02 00  20 03 0B  01 00 01 61 01 00  01 02 05 00",  // bytes behind a value
      "02 03 01  0F 02 00  20 03 09  01 00 01 61 01 00  01 7F 05",  // a length that is not there
      "02 03 01  2F 02 00  20 03 0A  01 00 01 61 01 00  01 01 05",  // a shared person
    ])
  func hostile(_ text: String) {
    #expect(throws: DecodingFailure.self) { try CommandCodec.decode(Self.bytes(text)) }
  }
}
