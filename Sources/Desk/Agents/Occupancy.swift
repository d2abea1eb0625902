internal import Kernel

/// How much of the time that it was signed in an agent had chats: sums by parts of five minutes, for the last two hours. Whole parts,
/// so that any window can be asked for and all nodes come to the same.
struct Occupancy: Hashable, Sendable {
  static let partMilliseconds: UInt32 = 300_000
  static let windowMilliseconds: UInt32 = partMilliseconds * UInt32(mostParts)
  static let mostParts = 24

  struct Part: Hashable, Sendable {
    /// ms, no more than a part has.
    var signedIn: UInt32 = 0
    var busy: UInt32 = 0
  }

  /// Up to when it is reckoned, in ms since 1970.
  private(set) var time: UInt64 = 0
  /// The newest last: that in which `time` is.
  private(set) var parts: [Part] = []

  init() {}

  /// Time has passed in which nothing changed.
  mutating func pass(to now: UInt64, isSignedIn: Bool, isBusy: Bool) {
    guard now > time else { return }
    let length = UInt64(Self.partMilliseconds)
    defer { time = now }
    // What is older than all parts says nothing any more.
    if now / length - time / length > UInt64(Self.mostParts) {
      parts = []
      time = (now / length - UInt64(Self.mostParts)) * length
    }
    guard isSignedIn || !parts.isEmpty else { return }
    if parts.isEmpty { parts = [Part()] }
    while true {
      let end = min(now, (time / length + 1) * length)
      if isSignedIn {
        parts[parts.count - 1].signedIn += UInt32(end - time)
        if isBusy { parts[parts.count - 1].busy += UInt32(end - time) }
      }
      time = end
      if end % length == 0 {
        parts.append(Part())
        if parts.count > Self.mostParts { parts.removeFirst() }
      }
      if time == now { return }
    }
  }

  /// In thousandths, of the last parts that the window holds; 0: it was not signed in.
  /// - Parameter window: in ms.
  func share(in window: UInt32, at now: UInt64, isSignedIn: Bool, isBusy: Bool) -> UInt32 {
    var present = self
    present.pass(to: now, isSignedIn: isSignedIn, isBusy: isBusy)
    let count = max(1, Int(window / Self.partMilliseconds))
    var (signedIn, busy): (UInt64, UInt64) = (0, 0)
    for part in present.parts.suffix(count) {
      signedIn += UInt64(part.signedIn)
      busy += UInt64(part.busy)
    }
    return signedIn == 0 ? 0 : UInt32(busy * 1_000 / signedIn)
  }
}

extension Occupancy {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(time)
    writer.writeVarint(UInt64(parts.count))
    for part in parts {
      writer.writeVarint(UInt64(part.signedIn))
      writer.writeVarint(UInt64(part.busy))
    }
  }

  init(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    time = try reader.readVarint()
    guard time <= now else { throw .invalid("an agent has worked in the future") }
    for _ in 0..<(try reader.readCount(limit: Self.mostParts, minimumElementSize: 2)) {
      let (signedIn, busy) = (try reader.readVarint(), try reader.readVarint())
      guard busy <= signedIn, signedIn <= UInt64(Self.partMilliseconds) else {
        throw .invalid("an agent was busy for longer than there is")
      }
      parts.append(Part(signedIn: UInt32(signedIn), busy: UInt32(busy)))
    }
  }
}
