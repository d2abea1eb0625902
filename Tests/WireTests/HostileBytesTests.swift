import Desk
import Kernel
import Testing

@Suite("Bytes from anywhere")
struct HostileBytesTests {
  static let seed: UInt64 = 0x5EED_2024

  @Test("random values survive encoding and decoding", arguments: AnyCodec.all)
  func roundTrips(codec: AnyCodec) throws {
    var generator = SeededGenerator(seed: Self.seed)
    for round in 0..<2_000 {
      let sample = codec.sample(&generator)
      #expect(try codec.survives(sample), "seed \(Self.seed), round \(round): \(hex(sample))")
    }
  }

  @Test("a value that ends early is refused, wherever it ends", arguments: AnyCodec.all)
  func truncation(codec: AnyCodec) {
    var generator = SeededGenerator(seed: Self.seed)
    for round in 0..<50 {
      let sample = codec.sample(&generator)
      for end in sample.indices {
        #expect(throws: DecodingFailure.self, "seed \(Self.seed), round \(round), \(end) of \(hex(sample))") {
          try codec.survives(Array(sample[..<end]))
        }
      }
    }
  }

  @Test("random bytes give a value or a clear error", arguments: AnyCodec.all)
  func randomBytes(codec: AnyCodec) {
    var generator = SeededGenerator(seed: Self.seed)
    for round in 0..<50_000 {
      var bytes = generator.bytes(upTo: 24)
      // The version of entries is right now and then, or nothing behind it would ever be read.
      if round % 2 == 0, !bytes.isEmpty { bytes[0] = 1 }
      check(codec, bytes, round)
    }
  }

  @Test("damaged encodings give a value or a clear error", arguments: AnyCodec.all)
  func mutatedBytes(codec: AnyCodec) {
    var generator = SeededGenerator(seed: Self.seed)
    let samples = (0..<200).map { _ in codec.sample(&generator) }
    for round in 0..<50_000 {
      var bytes = samples.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        guard !bytes.isEmpty else { break }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch generator.next() % 5 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes[place] ^= 1 << UInt8(generator.next() % 8)
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
        default: bytes.replaceSubrange(place..<place + 1, with: [0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
        }
      }
      check(codec, bytes, round)
    }
  }

  private func check(_ codec: AnyCodec, _ bytes: [UInt8], _ round: Int) {
    do {
      if try !codec.survives(bytes) {
        Issue.record("seed \(Self.seed), round \(round): \(hex(bytes)) is another value when encoded again")
      }
    } catch is DecodingFailure {
    } catch {
      Issue.record("seed \(Self.seed), round \(round): \(hex(bytes)) gives \(error)")
    }
  }
}
