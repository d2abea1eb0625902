import Kernel

/// How much is said in each of many desks, day by day: few of them say most, and each grows and shrinks.
///
/// Sizes follow Zipf's law, as those of firms do (Axtell, Science 293, 2001); from one day to the next each changes by a factor
/// that is drawn, at the most by half.
struct DeskTraffic {
  /// Of all messages, by desk; the sum is 1.
  private(set) var shares: [Double]

  /// - Parameter exponent: 1: the second largest is half of the largest, the third one third. 0: all are alike.
  init(desks: Int, exponent: Double, _ dice: inout Dice) {
    var sizes = (1...max(1, desks)).map { Self.power(Double($0), -exponent) }
    // Who is large has nothing to do with who came first.
    for place in sizes.indices.reversed() { sizes.swapAt(place, dice.below(place + 1)) }
    shares = sizes
    normalize()
  }

  /// The next day.
  mutating func pass(_ dice: inout Dice) {
    for place in shares.indices { shares[place] *= Double(dice.draw(667...1_500)) / 1_000 }
    normalize()
  }

  var largest: Double { shares.max() ?? 0 }

  private mutating func normalize() {
    let sum = shares.reduce(0, +)
    for place in shares.indices { shares[place] /= sum }
  }

  /// Without the mathematics of a platform, so that a seed is the same everywhere: 2^(y log2 x), to twelve digits.
  private static func power(_ base: Double, _ exponent: Double) -> Double {
    // By square roots: x^y is the product of x^(2^-k) for the binary digits of y.
    var result = 1.0
    var root = base
    var rest = exponent.magnitude
    while rest >= 1 {
      result *= base
      rest -= 1
    }
    for _ in 0..<40 {
      root = root.squareRoot()
      rest *= 2
      if rest >= 1 {
        result *= root
        rest -= 1
      }
    }
    return exponent < 0 ? 1 / result : result
  }
}
