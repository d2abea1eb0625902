/// How long somebody who waits is likely to wait still.
package struct WaitEstimate: Hashable, Sendable {
  /// What the bounds are rounded to, away from the middle, in ms.
  static let grain: UInt64 = 5_000

  /// In ms.
  package var likely: UInt64
  /// In ms: of ten, one waits less, and one more. nil: below level 9 nobody knows.
  package var range: ClosedRange<UInt64>?

  package init(likely: UInt64, range: ClosedRange<UInt64>?) { (self.likely, self.range) = (likely, range) }

  /// - Parameters:
  ///   - expected: in ms.
  ///   - ratios: what waits have been of what was expected.
  init(expected: UInt64, _ ratios: WaitRatios.Quantiles) {
    func share(_ thousandths: UInt16) -> UInt64 {
      let (product, isTooLarge) = expected.multipliedReportingOverflow(by: UInt64(thousandths))
      return (isTooLarge ? UInt64.max : product) / 1_000
    }
    let low = share(ratios.low) / Self.grain * Self.grain
    let high = (share(ratios.high) + Self.grain - 1) / Self.grain * Self.grain
    self.init(likely: share(ratios.middle), range: low...max(low, high))
  }
}

/// Where somebody stands who waits.
package struct QueueStanding: Hashable, Sendable {
  /// From 1.
  package var position: Int
  /// nil: nothing can be said.
  package var eta: WaitEstimate?

  package init(position: Int, eta: WaitEstimate?) { (self.position, self.eta) = (position, eta) }

  /// 0: nothing can be said.
  package var etaMilliseconds: Int { Int(clamping: eta?.likely ?? 0) }
  package var etaRange: ClosedRange<UInt64>? { eta?.range }
}
