/// The addresses of a cluster in namespaces: 256 of those that are set aside for tests of networks, 198.18.0.0/15.
struct Subnet: Hashable, Sendable, CustomStringConvertible {
  private static let first: UInt32 = 198 << 24 | 18 << 16
  private static let count = 512
  /// How many nodes have an address at a time; behind them are those of strangers and the verifier's.
  static let places = 249

  /// Which of the 512.
  let number: Int

  private var base: UInt32 { Self.first + UInt32(number) << 8 }

  /// - Parameter place: 1 to `places`; 0 is the network itself.
  func address(_ place: Int) -> String { Self.text(base + UInt32(place)) }
  /// The same whenever somebody has the address, so that others need not learn it anew.
  func hardware(_ place: Int) -> String {
    "02:53:57:0\(number >> 8):" + [number & 255, place].map(Self.hexadecimal).joined(separator: ":")
  }
  var description: String { address(0) + "/24" }
  /// The verifier's.
  var own: String { address(254) }
  var strangers: [String] { (Self.places + 1..<254).map(address) }
  /// Nodes are numbered for ever, addresses come again.
  static func place(of node: UInt64) -> Int { Int((node - 1) % UInt64(places)) + 1 }

  /// - Parameters:
  ///   - taken: what `ip -o -4 address` and `ip -4 route` print: every address and network in it is somebody's.
  ///   - process: runs that start in the same moment begin to look at different places.
  /// - Returns: nil when all are taken.
  static func free(taken: String, process: Int32) -> Subnet? {
    let blocks = taken.split { $0.isWhitespace }.compactMap { Block(String($0)) }
    return (0..<count).lazy.map { Subnet(number: (Int(process) + $0) % count) }.first { subnet in
      !blocks.contains { $0.overlaps(Block(base: subnet.base, length: 24)) }
    }
  }

  private static func hexadecimal(_ byte: Int) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func text(_ address: UInt32) -> String {
    [24, 16, 8, 0].map { String(address >> $0 & 255) }.joined(separator: ".")
  }

  private struct Block {
    var base: UInt32
    var length: Int

    init(base: UInt32, length: Int) {
      self.base = base
      self.length = length
    }

    /// nil: it is neither an address nor a network, or so large that it says nothing (the way to everywhere else).
    init?(_ text: String) {
      let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      let length = halves.count == 2 ? Int(halves[1]) : 32
      let bytes = halves[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
      guard let length, (8...32).contains(length), bytes.count == 4 else { return nil }
      var base: UInt32 = 0
      for byte in bytes {
        guard let byte else { return nil }
        base = base << 8 | UInt32(byte)
      }
      self.init(base: base, length: length)
    }

    func overlaps(_ other: Block) -> Bool {
      let shift = UInt32(32 - min(length, other.length))
      return base >> shift == other.base >> shift
    }
  }
}
