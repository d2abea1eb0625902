import Desk
import Foundation
import NIOCore
import Protocol

@testable import Gateway

/// A server frame as a client sees it, decoded by means that share nothing with the encoder.
enum SeenFrame: Equatable {
  case text(String)
  case ping([UInt8])
  case pong([UInt8])
  case close(UInt16?)

  var json: [String: Any] {
    guard case .text(let text) = self,
      let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    else { return [:] }
    return object
  }

  var type: String? { json["type"] as? String }
  var code: String? { json["code"] as? String }
}

/// Takes all complete server frames out of a buffer; stops at the first that breaks RFC 6455.
func seenFrames(_ buffer: inout ByteBuffer) -> [SeenFrame] {
  var frames: [SeenFrame] = []
  while true {
    let start = buffer
    guard let first = buffer.readInteger(as: UInt8.self), let second = buffer.readInteger(as: UInt8.self),
      second & 0x80 == 0
    else {
      buffer = start
      return frames
    }
    let length =
      switch second {
      case 126: Int(buffer.readInteger(as: UInt16.self) ?? .max)
      case 127: Int(buffer.readInteger(as: UInt64.self) ?? .max)
      default: Int(second)
      }
    guard let payload = buffer.readBytes(length: length) else {
      buffer = start
      return frames
    }
    switch first {
    case 0x81: frames.append(.text(String(decoding: payload, as: UTF8.self)))
    case 0x88:
      frames.append(.close(payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil))
    case 0x89: frames.append(.ping(payload))
    case 0x8a: frames.append(.pong(payload))
    default: return frames
    }
  }
}

/// A client's frame on the wire, masked.
func maskedFrame(
  _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0,
  key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
) -> [UInt8] {
  var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
  if payload.count < 126 {
    bytes.append(0x80 | UInt8(payload.count))
  } else if payload.count < 65536 {
    bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
  } else {
    bytes.append(0x80 | 127)
    for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * place))) }
  }
  bytes += key
  for (index, byte) in payload.enumerated() { bytes.append(byte ^ key[index % 4]) }
  return bytes
}

let customer = Person(id: "c1", role: .customer, name: "Chu \"Q\" Hua")
let agent = Person(id: "a1", role: .agent, name: "Ann")

func transcribed(_ sequence: UInt64, _ body: String = "hi") -> Transcribed {
  Transcribed(
    sequence: Sequence(sequence), id: "m\(sequence)", sender: agent, kind: .text, body: Array(body.utf8),
    time: 1_700_000_000_000 + sequence)
}

func summary(_ session: UInt64, _ state: SessionSummary.State = .active, sequence: UInt64 = 0) -> SessionSummary
{
  SessionSummary(
    session: SessionID(rawValue: session), state: state, sequence: Sequence(sequence), position: 0,
    etaMilliseconds: 0, agents: state == .active ? [AgentID("a1")] : [])
}

/// One connection with a clock that stands still until it is told to go on.
final class MachineHarness {
  var machine: ConnectionMachine
  var output = ConnectionOutput()
  var address: TokenBucket
  var ticks: UInt64 = 1_000_000
  let wallOffset: UInt64 = 1_700_000_000_000
  let settings: GatewaySettings

  init(_ settings: GatewaySettings = GatewaySettings(), bearer: String? = nil) {
    self.settings = settings
    address = TokenBucket(burst: settings.limits.addressRequestBurst, now: 1_000_000)
    machine = ConnectionMachine(
      id: ConnectionID(sink: 0, number: 17), bearer: bearer, rules: ConnectionRules(settings),
      now: Moment(ticks: 1_000_000, wall: 1_700_000_000_000 + 1_000_000))
  }

  var isOpen: Bool { machine.isOpen }
  var takesFrames: Bool { machine.takesFrames }
  var hasExtra: Bool { machine.extra != nil }
  var now: Moment { Moment(ticks: ticks, wall: ticks + wallOffset) }

  /// Said hello as `person` and welcomed; what came of it is thrown away.
  static func welcomed(
    _ person: Person = customer, _ settings: GatewaySettings = GatewaySettings(), receipts: Bool = false,
    claims: Claims? = nil
  ) -> MachineHarness {
    let harness = MachineHarness(settings)
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
    let end = ticks + milliseconds
    while machine.deadline <= end {
      ticks = max(ticks, machine.deadline)
      let before = machine.deadline
      machine.tick(now: now, into: &output)
      if machine.deadline == before { break }
    }
    ticks = end
  }

  func seen() -> [SeenFrame] {
    var frames = output.frames
    output.frames = ByteBuffer()
    return seenFrames(&frames)
  }

  func requests() -> [ClientRequest] {
    defer { output.requests = [] }
    return output.requests
  }

  /// The codes of the error frames and of the close frame that were sent.
  func complaints() -> [String] {
    seen().compactMap { frame in
      if case .close(let code) = frame { return "close \(code.map(String.init) ?? "-")" }
      return frame.code
    }
  }
}
