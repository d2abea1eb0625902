package import Desk
import Foundation
package import Protocol

/// A server frame as a client sees it, decoded by means that share nothing with the encoder.
package enum SeenFrame: Equatable {
  case text(String)
  case binary([UInt8])
  case ping([UInt8])
  case pong([UInt8])
  case close(UInt16?)

  package var json: [String: Any] {
    guard case .text(let text) = self,
      let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    else { return [:] }
    return object
  }

  package var type: String? { json["type"] as? String }
  package var code: String? { json["code"] as? String }
}

/// The complete server frames at the front of `bytes`, up to the first that breaks RFC 6455.
package func seenFrames(_ bytes: [UInt8]) -> [SeenFrame] {
  var bytes = bytes
  return seenFrames(&bytes)
}

/// Takes all complete server frames off the front of `bytes`; stops at the first that breaks RFC 6455.
package func seenFrames(_ bytes: inout [UInt8]) -> [SeenFrame] {
  var frames: [SeenFrame] = []
  var start = 0
  while start + 2 <= bytes.count, bytes[start + 1] & 0x80 == 0 {
    let extra =
      switch bytes[start + 1] {
      case 126: 2
      case 127: 8
      default: 0
      }
    guard start + 2 + extra <= bytes.count else { break }
    let wide = bytes[start + 2..<start + 2 + extra].reduce(0) { $0 << 8 | Int($1) }
    let length = extra == 0 ? Int(bytes[start + 1]) : wide
    let end = start + 2 + extra + length
    guard end <= bytes.count else { break }
    let payload = Array(bytes[start + 2 + extra..<end])
    switch bytes[start] {
    case 0x81: frames.append(.text(String(decoding: payload, as: UTF8.self)))
    case 0x82: frames.append(.binary(payload))
    case 0x88:
      frames.append(.close(payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil))
    case 0x89: frames.append(.ping(payload))
    case 0x8a: frames.append(.pong(payload))
    default: return frames
    }
    start = end
  }
  bytes.removeFirst(start)
  return frames
}

/// A client's frame on the wire, masked.
package func maskedFrame(
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

package let customer = Person(id: "c1", role: .customer, name: "Chu \"Q\" Hua")
package let agent = Person(id: "a1", role: .agent, name: "Ann")

package func transcribed(_ sequence: UInt64, _ body: String = "hi") -> Transcribed {
  Transcribed(
    sequence: Sequence(sequence), id: "m\(sequence)", sender: agent, kind: .text, body: Array(body.utf8),
    time: 1_700_000_000_000 + sequence)
}

package func summary(_ session: UInt64, _ state: SessionSummary.State = .active, sequence: UInt64 = 0)
  -> SessionSummary
{
  SessionSummary(
    session: SessionID(rawValue: session), state: state, sequence: Sequence(sequence), position: 0,
    etaMilliseconds: 0, agents: state == .active ? [AgentID("a1")] : [])
}
