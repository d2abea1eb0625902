import Desk
import Kernel
import TestFrames

@testable import Protocol

/// One connection with a clock that stands still until it is told to go on.
final class ConnectionHarness {
  var machine: ServerConnection
  var output = ConnectionOutput()
  var address: TokenBucket
  var instant = start
  private static let start = Instant(nanoseconds: 1_000_000_000_000)
  private static let wallOffset: UInt64 = 1_700_000_000_000
  let settings: GatewaySettings

  init(_ settings: GatewaySettings = GatewaySettings(), bearer: String? = nil) {
    self.settings = settings
    address = TokenBucket(burst: settings.limits.addressRequestBurst, now: Self.start)
    machine = ServerConnection(
      id: ConnectionID(sink: 0, number: 17), bearer: bearer, rules: ConnectionRules(settings),
      now: Moment(instant: Self.start, wall: Self.wallOffset + Self.start.milliseconds))
  }

  var isOpen: Bool { machine.isOpen }
  var takesFrames: Bool { machine.takesFrames }
  var hasExtra: Bool { machine.extra != nil }
  var now: Moment { Moment(instant: instant, wall: instant.milliseconds + Self.wallOffset) }

  /// Said hello as `person` and welcomed; what came of it is thrown away.
  static func welcomed(
    _ person: Person = customer, _ settings: GatewaySettings = GatewaySettings(), receipts: Bool = false,
    claims: Claims? = nil
  ) -> ConnectionHarness {
    let harness = ConnectionHarness(settings)
    harness.say(#"{"type":"hello","token":"t","receipts":\#(receipts)}"#)
    harness.decide(.accepted(claims ?? Claims(person: person, expiresAtMilliseconds: .max)))
    _ = harness.seen()
    harness.output.token = nil
    return harness
  }

  func decide(_ verdict: Verdict) {
    machine.decide(
      verdict, node: "node1",
      members: [MemberAddress(id: 1, name: "node1", peerAddress: "p:1", clientURL: "http://h:8101")], now: now,
      into: &output)
  }

  /// Says hello in a binary frame, and is welcomed.
  static func welcomedInBinary(
    _ person: Person = customer, _ settings: GatewaySettings = GatewaySettings(), receipts: Bool = false,
    claims: Claims? = nil
  ) -> ConnectionHarness {
    let harness = ConnectionHarness(settings)
    harness.say(HelloRecord(token: "t", receipts: receipts))
    harness.decide(.accepted(claims ?? Claims(person: person, expiresAtMilliseconds: .max)))
    _ = harness.seen()
    harness.output.token = nil
    return harness
  }

  func say(_ hello: HelloRecord, id: String = "") {
    say(BinaryFrameType.hello.rawValue, id: id, HelloRecord.fields.encode(hello))
  }

  /// A binary frame.
  func say(_ type: UInt8, id: String = "", _ record: [UInt8] = []) {
    frame(Opcode.binary, BinaryFrame.bytes(type, id: id, record, at: 7))
  }

  func event(_ session: SessionID, _ event: SessionEvent) {
    var encoded = EncodedEvent(session, event, at: now.wall)
    machine.event(&encoded, into: &output)
  }

  func say(_ text: String) { frame(Opcode.text, Array(text.utf8)) }

  func frame(
    _ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true, reserved: UInt8 = 0, isMasked: Bool = true
  ) {
    let header = FrameHeader(
      isFinal: isFinal, reserved: reserved, opcode: opcode, isMasked: isMasked, payloadLength: payload.count)
    payload.withUnsafeBytes {
      machine.receive(header, $0, now: now, addressBudget: &address, into: &output)
    }
  }

  func violation(of header: FrameHeader) -> CloseCode? { machine.violation(of: header) }

  func reply(_ tag: UInt32, _ reply: Reply) { machine.reply(tag, reply, now: now, into: &output) }

  /// Time passes; the machine is asked at each of its deadlines, as a loop does.
  func wait(_ milliseconds: UInt64) {
    let end = instant + .milliseconds(Int64(milliseconds))
    while machine.deadline <= end {
      instant = max(instant, machine.deadline)
      let before = machine.deadline
      machine.tick(now: now, into: &output)
      if machine.deadline == before { break }
    }
    instant = end
  }

  func seen() -> [SeenFrame] {
    defer { output.frames.clear() }
    return seenFrames(output.frames.bytes)
  }

  func requests() -> [ClientRequest] {
    defer { output.requests = [] }
    return output.requests
  }

  /// The codes of the error frames and of the close frame that were sent.
  func complaints() -> [String] {
    seen().compactMap { frame in
      if case .close(let code) = frame { return "close \(code.map(String.init) ?? "-")" }
      if case .binary = frame { return frame.plain?.code }
      return frame.code
    }
  }
}
