import Desk
import Kernel
import Protocol

/// Binary frames as clients say them.
enum BinaryFrameSample {
  static func any(_ seed: UInt64, _ random: inout SeededGenerator) -> [UInt8] {
    let place = Int(random.next() % UInt64(Operations.all.count + 4))
    let id = random.next() % 8 == 0 ? "" : "f\(seed)"
    guard place >= Operations.all.count else { return operation(Operations.all[place], id, &random) }
    let (type, record): (BinaryFrameType, [UInt8]) =
      switch place - Operations.all.count {
      case 0: (.hello, HelloRecord.fields.encode(HelloRecord.fields.sample(&random)))
      case 1: (.received, Received.fields.encode(Received.fields.sample(&random)))
      case 2: (.ping, [])
      default: (.pong, [])
      }
    return BinaryFrame.bytes(type.rawValue, id: id, record, at: seed)
  }

  private static func operation<One: ClientOperation>(
    _: One.Type, _ id: String, _ random: inout SeededGenerator
  ) -> [UInt8] {
    BinaryFrame.bytes(One.frameType, id: id, One.fields.encode(One.fields.sample(&random)), at: 1)
  }

  /// Makes the header say how long the payload is.
  static func setLength(_ frame: inout [UInt8]) {
    let length = frame.count - BinaryFrameHeader.byteCount
    guard length >= 0 else { return }
    for place in 0..<4 { frame[place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place)) }
  }

  /// Whether it may be taken without a word: what confirms, and a new token, whose verdict comes later.
  static func isSilent(_ frame: [UInt8]) -> Bool {
    guard frame.count > 5 else { return false }
    switch BinaryFrameType(rawValue: frame[5]) {
    case .pong, .received, .hello: return true
    case .ping, .welcome, .opened, .joined, .resumed, .ack, .ok, .message, .event, .history, .error, .goaway,
      .tokenExpires, nil:
      return false
    }
  }
}
