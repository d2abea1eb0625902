/// SplitMix64 (Steele, Lea, Flood 2014): a small generator, so that a seed says everything about a run.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Seeds of the random tests: some that are always tried and one that is new each time. The framework names the
  /// seed of a test that fails; to repeat it, put it in this list.
  static let fixed: [UInt64] = [1, 2, 3, 4, 5, 6]
  static let seeds: [UInt64] = fixed + [UInt64.random(in: 7 ... .max)]
}
