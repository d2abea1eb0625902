import Desk
import Foundation
import Kernel
import NIOCore
import Protocol
import Testing
import Wire

@Suite("Signals")
struct SignalCodecTests {
  private let signals = [
    Signal(
      session: SessionID(rawValue: 300), person: Person(id: "ben", role: .customer, name: "Ben"),
      kind: .typing(true),
      server: ServerID(2), sink: 258, connection: 9),
    Signal(
      session: SessionID(rawValue: 5), person: Person(id: "anna", role: .agent, name: ""),
      kind: .read(Sequence(130)),
      server: ServerID(1), sink: 0, connection: 1, isRelayed: true),
  ]

  @Test("survive encoding and decoding, and have these bytes")
  func roundTrip() throws {
    let encoded = written { SignalCodec.encode(signals, into: &$0) }
    let first = String(format: "%02x", UserRole.customer.rawValue)
    let second = String(format: "%02x", UserRole.agent.rawValue)
    #expect(
      hex(encoded)
        == hex(
          bytes(
            "02 AC02 03 62656E 03 42656E \(first) 01 01 02 0102 09 00 "
              + "05 04 616E6E61 00 \(second) 02 8201 01 0000 01 01")))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(try SignalCodec.decode(&buffer) == signals)
  }

  @Test("cut short at any byte they are refused; what a newer node says behind them is passed over")
  func damaged() {
    let encoded = written { SignalCodec.encode(signals, into: &$0) }
    for length in 0..<encoded.count {
      var buffer = ByteBuffer(bytes: encoded.prefix(length))
      #expect(throws: DecodingFailure.self, "\(length) bytes") { try SignalCodec.decode(&buffer) }
    }
    var longer = ByteBuffer(bytes: encoded + [0])
    #expect((try? SignalCodec.decode(&longer)) == signals)
  }

  @Test("a signal of a kind or a role that only newer nodes know takes none of the others with it")
  func newer() throws {
    // The kind and the role of the first.
    for (place, value) in [(12, UInt8(9)), (11, UInt8(77))] {
      var encoded = written { SignalCodec.encode(signals, into: &$0) }
      encoded[place] = value
      var buffer = ByteBuffer(bytes: encoded)
      #expect(try SignalCodec.decode(&buffer) == Array(signals.dropFirst()))
    }
  }
}
