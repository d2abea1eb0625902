internal import Kernel

/// What waits have been of what was expected of them, the last ones of one class of places. What an estimate leaves out (shifts,
/// several skills, uneven arrivals) is in here.
struct WaitRatios: Hashable, Sendable {
  /// So many are kept. With the last 200 the range of a large desk was right in 71 of 100 cases in place of 80, with 1,000 in 79.
  static let most = 1_024
  /// With fewer they say nothing.
  static let least = 20
  /// The quantiles are worked out anew with so many new ones.
  static let interval = 8

  /// In thousandths of what was expected.
  struct Quantiles: Hashable, Sendable {
    /// One of ten is below.
    var low: UInt16
    var middle: UInt16
    /// One of ten is above.
    var high: UInt16
  }

  /// In thousandths, in the order of a ring.
  private var ring: [UInt16] = []
  /// Where the next one goes.
  private var next = 0
  /// nil: there are too few.
  private(set) var quantiles: Quantiles?

  init() {}

  var isEmpty: Bool { ring.isEmpty }
  var count: Int { ring.count }

  /// - Parameters:
  ///   - waited: in ms.
  ///   - expected: in ms, above 0.
  mutating func add(waited: UInt64, expected: UInt64) {
    let (product, isTooLarge) = waited.multipliedReportingOverflow(by: 1_000)
    let ratio = isTooLarge ? UInt16.max : UInt16(clamping: product / max(1, expected))
    if ring.count < Self.most { ring.append(ratio) } else { ring[next] = ratio }
    next = (next + 1) % Self.most
    guard next % Self.interval == 0, ring.count >= Self.least else { return }
    let sorted = ring.sorted()
    quantiles = Quantiles(
      low: sorted[sorted.count / 10], middle: sorted[sorted.count / 2], high: sorted[sorted.count * 9 / 10])
  }

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(ring.count))
    guard !ring.isEmpty else { return }
    writer.writeVarint(UInt64(next))
    for ratio in ring { writer.write(ratio) }
    writer.write(UInt8(quantiles == nil ? 0 : 1))
    guard let quantiles else { return }
    for one in [quantiles.low, quantiles.middle, quantiles.high] { writer.write(one) }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let count = try reader.readCount(limit: Self.most, minimumElementSize: 2)
    guard count > 0 else { return }
    let next = try reader.readVarint()
    guard next < UInt64(Self.most), count == Self.most || next == UInt64(count) else {
      throw .invalid("a line's waits are in no order")
    }
    self.next = Int(next)
    ring.reserveCapacity(count)
    for _ in 0..<count { ring.append(try reader.readUInt16()) }
    switch try reader.readUInt8() {
    case 0: break
    case 1:
      let (low, middle, high) = (
        try reader.readUInt16(), try reader.readUInt16(), try reader.readUInt16()
      )
      guard count >= Self.least, low <= middle, middle <= high else {
        throw .invalid("a line's waits have no middle")
      }
      quantiles = Quantiles(low: low, middle: middle, high: high)
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
  }
}

extension WaitRatios {
  /// Of the waiting time behind so many who are served one after the other, each after a time that is distributed exponentially (the
  /// Erlang distribution), in thousandths of its mean; for as long as nothing was learned. Between the places of the table, and behind the last
  /// one, those of the place before.
  /// - Parameter place: from 1.
  static func unlearned(place: Int) -> Quantiles {
    let row = erlang.last { $0.place <= place } ?? erlang[0]
    return Quantiles(low: row.low, middle: 1_000, high: row.high)
  }

  /// The 10th and the 90th of a hundred, by the inverse of the chi-squared distribution with two degrees of freedom a place.
  private static let erlang: [(place: Int, low: UInt16, high: UInt16)] = [
    (1, 105, 2_303), (2, 266, 1_945), (3, 367, 1_774), (4, 436, 1_670), (5, 487, 1_599), (6, 525, 1_546),
    (8, 582, 1_471), (10, 622, 1_421), (15, 687, 1_342), (20, 726, 1_295), (30, 774, 1_239), (50, 824, 1_184),
    (100, 875, 1_130), (200, 911, 1_092),
  ]
}
