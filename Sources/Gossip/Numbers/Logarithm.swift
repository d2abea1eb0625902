/// Logarithms without a mathematics library: the pure targets import none. Only IEEE additions, multiplications
/// and divisions, so that every machine gets the same bits.
package enum Logarithm {
  /// The natural logarithm of a finite value above 0; 0 for anything else. Good to about 1e-14.
  package static func natural(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 0 }
    // value = significand * 2^exponent with the significand in 1 ..< 2, and
    // ln(s) = 2 * (t + t^3 / 3 + t^5 / 5 + ...) with t = (s - 1) / (s + 1), at most a third.
    let ratio = (value.significand - 1) / (value.significand + 1)
    let square = ratio * ratio
    var term = ratio
    var sum = 0.0
    for odd in stride(from: 1.0, through: 31.0, by: 2.0) {
      sum += term / odd
      term *= square
    }
    return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
  }

  static func decimal(_ value: Double) -> Double { natural(value) / 2.302_585_092_994_046 }
}
