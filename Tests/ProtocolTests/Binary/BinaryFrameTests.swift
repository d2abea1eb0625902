import Desk
import Foundation
import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite("Binary frames of clients")
struct BinaryFrameTests {
  private static let session = SessionID(rawValue: 5)

  private static func codes(_ harness: ConnectionHarness) -> [String] {
    harness.seen().map { frame in
      if case .close(let code) = frame { return "close \(code.map(String.init) ?? "-")" }
      return frame.plain?.code ?? frame.said
    }
  }

  @Test("no two types have one number, and each lies where its kind has its place")
  func numbers() {
    let answers = Operations.answers.map { $0.frameType }
    let own = BinaryFrameType.allCases.map(\.rawValue) + answers
    #expect(answers.allSatisfy { $0 > 200 })
    let operations = Operations.all.map { $0.frameType }
    #expect(Set(own + operations).count == own.count + operations.count)
    #expect(own.allSatisfy { (1...15).contains($0) || $0 >= 192 })
    #expect(operations.allSatisfy { (16...191).contains($0) })
    for type in Operations.all {
      #expect(Operations.framed(type.frameType).map { "\($0.name)" } == "\(type.name)")
      guard let type = type as? any SessionOperation.Type else { continue }
      #expect(UInt16(type.frameType) == type.number && (32...127).contains(type.number), "\(type.name)")
    }
    #expect(
      Set(BinaryFrameType.allCases.map(\.name) + Operations.answers.map { "\($0.name)" }).count == own.count)
    let declared = ServerFrameList.all.map { $0.type.rawValue }
    #expect(Set(declared).count == declared.count && declared.allSatisfy { $0 >= 192 })
    // Field 0 is the id.
    func fields<One: ClientOperation>(_: One.Type) -> [FieldDescription] { One.fields.list }
    #expect(Operations.all.allSatisfy { fields($0).allSatisfy { $0.number > 0 } })
  }

  @Test("whoever says hello in one form is spoken to in it, and told so for a frame of the other one")
  func forms() throws {
    let binary = ConnectionHarness.welcomedInBinary()
    binary.say(#"{"type":"ping","id":"p1"}"#)
    let error = try #require(binary.seen().first?.plain)
    #expect(error.code == "unsupported" && error.id == "p1" && error.text.contains("go on in those"))
    binary.say(BinaryFrameType.ping.rawValue, id: "p2")
    #expect(binary.seen().first?.plain?.text == #"{"type":"pong","id":"p2"}"#)
    let text = ConnectionHarness.welcomed()
    text.say(BinaryFrameType.ping.rawValue, id: "p3")
    let refused = try #require(text.seen().first)
    #expect(refused.code == "unsupported" && refused.json["id"] as? String == "p3")
    // RFC 6455 leaves no choice, whatever is spoken.
    binary.frame(Opcode.text, [0xc3, 0x28])
    #expect(Self.codes(binary) == ["bad_frame", "close 1007"])
  }

  @Test("before hello each frame is answered in its own form; the one that says hello decides")
  func undecided() {
    let harness = ConnectionHarness()
    harness.frame(Opcode.binary, [1, 2, 3])
    #expect(harness.seen().map { $0.plain?.code } == ["bad_frame"])
    harness.say("no JSON")
    #expect(harness.seen().map(\.code) == ["bad_frame"])
    harness.say(HelloRecord(token: "t"))
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    #expect(harness.seen().map { $0.plain?.type } == ["welcome"])
    let other = ConnectionHarness()
    other.say(BinaryFrameType.ping.rawValue, id: "p")
    #expect(Self.codes(other) == ["unauthorized", "close 4501"])
    let refused = ConnectionHarness()
    refused.say(HelloRecord(token: "t"))
    refused.decide(.rejected("forged"))
    #expect(Self.codes(refused) == ["unauthorized", "close 4501"])
    let none = ConnectionHarness(bearer: "b")
    none.say(HelloRecord(token: nil))
    #expect(none.output.token == "b")
  }

  @Test("fields and types of a newer client: fields are passed over, types are refused")
  func newer() throws {
    let harness = ConnectionHarness.welcomedInBinary()
    let close = Close.fields.encode(Close(session: Self.session, reason: "x"))
    harness.say(Close.frameType, id: "c", close + [9, 2, 7, 7, 0x81, 0x80, 0x04, 0])
    let request = try #require(harness.requests().first)
    guard case .perform(let record) = request.body else {
      Issue.record("\(request.body)")
      return
    }
    #expect(record == OperationRecord(Close(session: Self.session, reason: "x"), id: "c"))
    // One between those that are known, too.
    harness.say(BinaryFrameType.hello.rawValue, id: "h", [1, 2, 1, 0x74, 7, 1, 0])
    #expect(harness.output.token == "t")
    harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: .max)))
    _ = harness.seen()
    harness.say(190, id: "n")
    harness.say(BinaryFrameType.welcome.rawValue, id: "w")
    #expect(harness.seen().map { $0.plain?.code } == ["unsupported", "unsupported"])
  }

  @Test("a header that does not fit is an error that names the request")
  func headers() throws {
    let whole = BinaryFrame.bytes(BinaryFrameType.ping.rawValue, id: "p", [], at: 7)
    var version = whole
    version[4] = 2
    var length = whole
    length[3] += 1
    let harness = ConnectionHarness.welcomedInBinary()
    for (bytes, code) in [
      (version, "unsupported"), (length, "bad_frame"), (whole + [0], "bad_frame"),
      (Array(whole.prefix(13)), "bad_frame"), ([], "bad_frame"),
    ] {
      harness.frame(Opcode.binary, bytes)
      let error = try #require(harness.seen().first?.plain)
      #expect(error.code == code && error.id == (bytes.count > 14 ? "p" : ""))
      harness.say(BinaryFrameType.ping.rawValue)
      _ = harness.seen()
    }
    #expect(harness.isOpen)
  }

  @Test("fields that are no record, doubled, out of order or cut are refused, and asked of nobody")
  func records() {
    let record = Close.fields.encode(Close(session: Self.session, reason: "x"))
    for bytes in [
      record + record, [2, 2, 1, 0x78, 1, 1, 5], Array(record.dropLast()), record + [9], record + [9, 5, 0],
      [1, 2, 5, 0, 2, 2, 1, 0x78], [1, 1, 0x85], [1, 1, 5, 2, 2, 1, 0xff], [1, 1, 5, 0x80, 0],
    ] {
      let harness = ConnectionHarness.welcomedInBinary()
      harness.say(Close.frameType, id: "c", bytes)
      #expect(harness.seen().map { $0.plain?.code } == ["bad_frame"], "\(bytes)")
      #expect(harness.requests().isEmpty)
    }
  }

  @Test("a message in pieces, and control frames between them, are as they are for text")
  func fragments() {
    let harness = ConnectionHarness.welcomedInBinary()
    let frame = BinaryFrame.bytes(BinaryFrameType.ping.rawValue, id: "p", [], at: 7)
    harness.frame(Opcode.binary, Array(frame.prefix(5)), isFinal: false)
    harness.frame(Opcode.ping, [1])
    harness.frame(Opcode.continuation, Array(frame.dropFirst(5)))
    let seen = harness.seen()
    #expect(seen.first == .pong([1]) && seen.last?.plain?.text == #"{"type":"pong","id":"p"}"#)
  }

  @Test("what is too long is passed over, named, and the connection goes on", arguments: [false, true])
  func tooLong(inPieces: Bool) throws {
    let harness = ConnectionHarness.welcomedInBinary(customer, .unhurried)
    let send = Send.fields.encode(Send(session: Self.session, body: Array(repeating: 0x22, count: 70_000)))
    let frame = BinaryFrame.bytes(Send.frameType, id: "m1", send, at: 7)
    if inPieces {
      harness.frame(Opcode.binary, Array(frame.prefix(15)), isFinal: false)
      harness.frame(Opcode.continuation, Array(frame.dropFirst(15).prefix(60_000)), isFinal: false)
      harness.frame(Opcode.continuation, Array(frame.dropFirst(60_015)))
    } else {
      harness.frame(Opcode.binary, frame)
    }
    let error = try #require(harness.seen().first?.plain)
    #expect(error.code == "too_large" && error.id == "m1" && error.text.contains("65536 are allowed"))
    let long = String(repeating: "i", count: 65)
    harness.say(BinaryFrameType.ping.rawValue, id: long)
    let named = try #require(harness.seen().first?.plain)
    #expect(named.code == "bad_frame" && named.id == long && named.text.contains("64 characters"))
    let stranger = ConnectionHarness()
    stranger.say(HelloRecord(token: String(repeating: "t", count: 70_000)))
    #expect(Self.codes(stranger) == ["close 1009"])
  }

  @Test("a frame resumes as many sessions as text may, and no more")
  func manyPoints() {
    let points = (1...4_097).map { HelloRecord.Point(session: $0) }
    let harness = ConnectionHarness()
    harness.say(HelloRecord(token: "t", resume: points))
    #expect(Self.codes(harness) == ["too_large"])
    harness.say(HelloRecord(token: "t", resume: Array(points.dropLast())))
    #expect(harness.output.token == "t")
  }

  @Test("each form is encoded once for all who speak it")
  func once() {
    var forms = EncodedForms(room: FrameBuffer())
    var frames = FrameBuffer()
    var count = [0, 0]
    for isBinary in [true, false, true, true, false] {
      forms.append(isBinary: isBinary, to: &frames) {
        count[0] += 1
        $0.writeOK(id: "t")
      } _: {
        count[1] += 1
        $0.writeBinary(.ok, id: "b", at: 0)
      }
    }
    #expect(count == [1, 1])
    #expect(seenFrames(frames.bytes).map { $0.plain?.id ?? "t" } == ["b", "t", "b", "b", "t"])
  }

  @Test("frames that are nearly right never stop the machine, and each gets a word, a request or the end")
  func mutated() {
    let seed: UInt64 = 20_261_129
    var random = SeededGenerator(seed: seed)
    for round in 0..<20_000 {
      let harness = ConnectionHarness.welcomedInBinary(customer, .unhurried)
      func sample<One: ClientOperation>(_: One.Type) -> [UInt8] {
        One.fields.encode(One.fields.sample(&random))
      }
      let type = Operations.all[Int(random.next() % UInt64(Operations.all.count))]
      var frame = BinaryFrame.bytes(type.frameType, id: "i", sample(type), at: 7)
      for _ in 0...random.next() % 3 {
        let place = Int(random.next() % UInt64(frame.count))
        switch random.next() % 4 {
        case 0: frame[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: frame[place] ^= 1 << UInt8(random.next() % 8)
        case 2: frame.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        default: frame.remove(at: place)
        }
        // Most would be refused for their length alone.
        if random.next() % 8 != 0, frame.count >= 14 {
          frame.replaceSubrange(
            0..<4, with: [0, 0, UInt8((frame.count - 14) >> 8), UInt8((frame.count - 14) & 0xff)])
        }
      }
      harness.frame(Opcode.binary, frame)
      let isSilent = frame.count > 5 && [BinaryFrameType.pong, .received].map(\.rawValue).contains(frame[5])
      let said = harness.seen()
      #expect(
        isSilent || said.count + harness.requests().count == 1 || harness.output.token != nil,
        "seed \(seed), round \(round): \(frame)")
      #expect(said.allSatisfy { $0.plain != nil }, "seed \(seed), round \(round): \(frame)")
    }
  }

  @Test(
    "what is taken from binary fields is taken from text too, and means the same",
    arguments: 0..<Operations.all.count)
  func bounds(_ place: Int) {
    func check<One: ClientOperation>(_: One.Type) {
      let seed: UInt64 = 20_261_131
      var random = SeededGenerator(seed: seed)
      var taken = 0
      for round in 0..<3_000 {
        var bytes = One.fields.encode(One.fields.sample(&random))
        for _ in 0..<random.next() % 4 where !bytes.isEmpty {
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() >> 56)
        }
        var record = RecordReader(bytes)
        guard let heard = try? One.fields.hear(&record) else { continue }
        taken += 1
        let text = Array(One.fields.json(of: heard).utf8)
        let read = text.withUnsafeBytes { isValidUTF8($0) ? try? One.fields.read($0) : nil }
        #expect(
          read.map { One.fields.encode($0) } == One.fields.encode(heard),
          "\(One.name), seed \(seed), round \(round): \(bytes)")
      }
      // What has no fields has nothing that could be refused.
      #expect(taken > 300 && (taken < 3_000 || One.fields.list.isEmpty), "\(One.name)")
    }
    check(Operations.all[place])
  }

  @Test("the example of the document is what is said")
  func example() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/protocol.md")
    let blocks = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "```hex\n").dropFirst()
      .map {
        $0.components(separatedBy: "```")[0].split(separator: "\n").map { line in
          line.split(separator: "|")[0].split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }.flatMap { $0 }
      }
    try #require(blocks.count == 2)
    let time: UInt64 = 1_790_000_000_000
    let send = Send(session: SessionID(rawValue: 20_480), body: Array("hello".utf8))
    #expect(blocks[0] == BinaryFrame.bytes(Send.frameType, id: "m1", Send.fields.encode(send), at: time))
    var frames = FrameBuffer()
    frames.writeBinary(AckFrame(session: send.session, seq: Sequence(7), time: time), id: "m1", at: time)
    #expect(seenFrames(frames.bytes) == [.binary(blocks[1])])
    let harness = ConnectionHarness.welcomedInBinary()
    harness.frame(Opcode.binary, blocks[0])
    let request = try #require(harness.requests().first)
    guard case .send(send.session, "m1", send.body) = request.body else {
      Issue.record("\(request.body)")
      return
    }
  }
}
