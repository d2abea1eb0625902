import Desk
import Kernel
import NIOCore
import Testing
import Wire

@testable import Peering

@Suite("Frames in a byte stream", .serialized)
struct FrameParserTests {
  private func parse(_ pieces: [ArraySlice<UInt8>], limit: Int = 1 << 20) throws -> [[UInt8]] {
    var parser = FrameParser(limit: limit)
    var payloads: [[UInt8]] = []
    for piece in pieces {
      parser.append(ByteBuffer(bytes: piece))
      while let (type, payload) = try parser.next() {
        #expect(type == .raft)
        payloads.append(Array(payload.readableBytesView))
      }
      parser.release()
    }
    return payloads
  }

  @Test("frames come out whole, however the stream is cut")
  func cuts() throws {
    var generator = SplitMix64(seed: 7)
    let payloads = (0..<40).map { count in [UInt8]((0..<count * 3).map { UInt8(truncatingIfNeeded: $0) }) }
    let stream = payloads.flatMap { payload in frame(.raft) { $0.writeBytes(payload) } }
    #expect(try parse([stream[...]]) == payloads)
    #expect(try parse(stream.map { [$0] }) == payloads)
    for round in 0..<200 {
      var pieces: [ArraySlice<UInt8>] = []
      var start = 0
      while start < stream.count {
        let end = min(stream.count, start + Int.random(in: 1...300, using: &generator))
        pieces.append(stream[start..<end])
        start = end
      }
      #expect(try parse(pieces) == payloads, "seed 7, round \(round)")
    }
  }

  @Test("a header that announces too much is refused before its payload is there")
  func limit() throws {
    let header = Array(frame(.raft) { $0.writeRepeatingByte(0, count: 11) }.prefix(FrameHeader.byteCount))
    #expect(throws: DecodingFailure.self) { try parse([header[...]], limit: 10) }
    #expect(try parse([header[...]], limit: 11) == [])
  }

  @Test("a wait is drawn from a range that doubles up to its bound, and begins anew after a success")
  func backoff() {
    var generator = SplitMix64(seed: 1)
    var backoff = Backoff(first: .milliseconds(50), longest: .seconds(1))
    var longest: [TimeAmount] = []
    for attempt in 0..<100 {
      let wait = backoff.next(using: &generator)
      let bound = min(TimeAmount.milliseconds(50 << min(Int64(attempt), 20)), .seconds(1))
      #expect(wait >= .zero && wait <= bound)
      if attempt >= 5 { longest.append(wait) }
    }
    #expect(longest.max()! > .milliseconds(800))
    #expect(longest.min()! < .milliseconds(200))
    backoff.reset()
    #expect(backoff.next(using: &generator) <= .milliseconds(50))
  }
}
