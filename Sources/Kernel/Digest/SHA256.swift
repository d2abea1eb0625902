/// SHA-256 (FIPS 180-4), for what has to be told by a digest inside the pure targets, which import no package. A test compares
/// it with the package that the rest of the server uses.
package enum SHA256 {
  /// - Returns: 32 bytes.
  package static func digest(_ message: [UInt8]) -> [UInt8] {
    var hash = initial
    // The message, a bit, zeros, and its length in bits: whole blocks of 64 bytes.
    var padded = message
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    let bits = UInt64(message.count) &* 8
    for shift in stride(from: 56, through: 0, by: -8) {
      padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    for start in stride(from: 0, to: padded.count, by: 64) { compress(padded[start..<start + 64], into: &hash) }
    return hash.flatMap { word in
      stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }

  private static func compress(_ block: ArraySlice<UInt8>, into hash: inout [UInt32]) {
    var schedule: [UInt32] = []
    schedule.reserveCapacity(64)
    for place in stride(from: block.startIndex, to: block.endIndex, by: 4) {
      schedule.append(block[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
    for place in 16..<64 {
      let (early, late) = (schedule[place - 15], schedule[place - 2])
      let small = turned(early, 7) ^ turned(early, 18) ^ early >> 3
      let large = turned(late, 17) ^ turned(late, 19) ^ late >> 10
      schedule.append(schedule[place - 16] &+ small &+ schedule[place - 7] &+ large)
    }
    var (a, b, c, d) = (hash[0], hash[1], hash[2], hash[3])
    var (e, f, g, h) = (hash[4], hash[5], hash[6], hash[7])
    for round in 0..<64 {
      let choice = e & f ^ ~e & g
      let majority = a & b ^ a & c ^ b & c
      let first =
        h &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ choice &+ constants[round] &+ schedule[round]
      let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ majority
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    for (place, word) in [a, b, c, d, e, f, g, h].enumerated() { hash[place] &+= word }
  }

  private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

  /// The first 32 bits of the fractions of the square roots of the first 8 primes.
  private static let initial: [UInt32] = primes.prefix(8).map { fraction(ofRoot: 2, of: $0) }
  /// The same of the cube roots of the first 64.
  private static let constants: [UInt32] = primes.map { fraction(ofRoot: 3, of: $0) }

  private static let primes: [UInt64] = {
    var found: [UInt64] = []
    var next: UInt64 = 2
    while found.count < 64 {
      if !found.contains(where: { next % $0 == 0 }) { found.append(next) }
      next += 1
    }
    return found
  }()

  /// The root of `number` times 2^32 without its fraction, bit by bit; what is above 32 bits falls away.
  private static func fraction(ofRoot degree: Int, of number: UInt64) -> UInt32 {
    var root: UInt64 = 0
    for bit in stride(from: 36, through: 0, by: -1) {
      let candidate = root | 1 << UInt64(bit)
      if isAtMost(candidate, degree, number) { root = candidate }
    }
    return UInt32(truncatingIfNeeded: root)
  }

  /// Whether `candidate`^degree <= number * 2^(32 * degree), in words of 32 bits.
  private static func isAtMost(_ candidate: UInt64, _ degree: Int, _ number: UInt64) -> Bool {
    var power = [UInt32(truncatingIfNeeded: candidate), UInt32(truncatingIfNeeded: candidate >> 32)]
    for _ in 1..<degree { power = times(power, candidate) }
    let high = power.dropFirst(degree).enumerated().reduce(UInt64(0)) { sum, word in
      word.offset < 2 ? sum | UInt64(word.element) << (32 * UInt64(word.offset)) : sum
    }
    let tooHigh = power.dropFirst(degree + 2).contains { $0 != 0 }
    if tooHigh || high > number { return false }
    return high < number || !power.prefix(degree).contains { $0 != 0 }
  }

  private static func times(_ words: [UInt32], _ factor: UInt64) -> [UInt32] {
    var product = [UInt64](repeating: 0, count: words.count + 3)
    for (place, word) in words.enumerated() {
      for (offset, part) in [factor & 0xFFFF_FFFF, factor >> 32].enumerated() {
        let value = UInt64(word) &* part
        product[place + offset] += value & 0xFFFF_FFFF
        product[place + offset + 1] += value >> 32
      }
    }
    for place in 0..<product.count - 1 {
      product[place + 1] += product[place] >> 32
      product[place] &= 0xFFFF_FFFF
    }
    return product.map { UInt32(truncatingIfNeeded: $0) }
  }
}
