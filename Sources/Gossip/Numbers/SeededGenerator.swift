/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
package struct SeededGenerator: Sendable {
  private var state: UInt64

  package init(seed: UInt64, stream: UInt64 = 0) {
    state = seed ^ (stream &* 0xD6E8_FEB8_6659_FD93)
    _ = next()
    _ = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number of `0 ..< bound`; 0 for a bound of 0 or 1. By the high half of the product (Lemire, 2019), whose
  /// bias at bounds this small does not matter.
  package mutating func draw(below bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number of `0 ..< bound` milliseconds.
  mutating func draw(below bound: UInt64) -> UInt64 {
    bound > 1 ? next().multipliedFullWidth(by: bound).high : 0
  }

  /// The elements in a drawn order (Fisher and Yates, in Durstenfeld's form).
  mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for place in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(place, draw(below: place + 1))
    }
  }

  /// At most `count` different elements.
  mutating func sample<Element>(_ elements: [Element], count: Int) -> [Element] {
    var rest = elements
    let wanted = min(max(count, 0), rest.count)
    for place in 0..<wanted { rest.swapAt(place, place + draw(below: rest.count - place)) }
    return Array(rest.prefix(wanted))
  }
}
