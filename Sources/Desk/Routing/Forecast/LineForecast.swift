internal import Kernel

/// What a line has learned about waiting: how long chats take, how soon people give up, and how right it was. From level 9 on.
///
/// Whoever has place n waits until n chats are over or those before have given up: the sum of 1 / (slots / handling time + i x rate of
/// giving up) for i from 0 to n - 1 (the queue with abandonment of Whitt, "Predicting queueing delays", 1999, by what was seen in place of
/// rates that are known), times what waits have been of that lately.
struct LineForecast: Hashable, Sendable {
  static let since = Level.ninth
  /// A chat has this share in the mean handling time: 1/32.
  private static let smoothing: UInt64 = 32
  /// With each assignment, what was seen of giving up counts this much less: 1/128.
  private static let forgetting: UInt64 = 128
  /// A wait has this share in the mean of the last ones: 1/4.
  private static let recency: UInt64 = 4
  /// And in what is known of errors: 1/64.
  private static let memory: UInt64 = 64
  /// Someone who gives up counts so much.
  private static let quit: UInt64 = 1 << 16
  private static let mostQuits: UInt64 = 1 << 38
  private static let mostWaited: UInt64 = 1 << 62
  /// A time above ten days counts as ten days, in ms.
  private static let mostTime: UInt64 = 864_000_000
  /// More slots count as so many.
  private static let mostSlots: UInt64 = 1 << 18
  /// Places are added up one by one up to here; the rest counts as the last of them.
  private static let mostAdded = 200
  /// A thousand a ms.
  private static let mostLeaving: UInt64 = 1 << 50
  /// Chats a ms, times this, are whole numbers.
  private static let scale: UInt64 = 40

  /// The mean time from an assignment to its end, in `smoothing`-ths of a ms; 0: unknown.
  private var handling: UInt64 = 0
  /// Who gave up, in `quit`-ths.
  private var quits: UInt64 = 0
  /// The time that was waited by those who left the line in any way, in ms.
  private var waited: UInt64 = 0
  /// What the last waits of those who were served come to, in `recency`-ths of a ms; 0: there were none.
  private var recent: UInt64 = 0
  /// What was waited and what rates had said of it, in ms, of late: how far rates are off by and large.
  private var actual: UInt64 = 0
  private var said: UInt64 = 0
  /// How wrong rates, with that taken into account, and the last waits have been, in `memory`-ths of a ms.
  private var errorOfRates: UInt64 = 0
  private var errorOfRecent: UInt64 = 0
  /// By class of the place at arrival.
  private(set) var ratios = [WaitRatios](repeating: WaitRatios(), count: 4)

  init() {}

  var isEmpty: Bool { handling == 0 && quits == 0 && waited == 0 && !hasLearned }
  var hasLearned: Bool { ratios.contains { !$0.isEmpty } }

  /// The first; the second and third; up to the eighth; all others.
  static func placeClass(of place: Int) -> Int { place <= 1 ? 0 : place <= 3 ? 1 : place <= 8 ? 2 : 3 }

  /// A chat is over, or was handed on.
  /// - Parameter time: since it was given to the agent, in ms.
  mutating func handled(in time: UInt64) {
    let time = min(max(time, 1), Self.mostTime)
    handling = handling == 0 ? time * Self.smoothing : handling - handling / Self.smoothing + time
  }

  /// Somebody who waited was given to an agent.
  mutating func served(after time: UInt64) {
    quits -= quits / Self.forgetting
    waited -= waited / Self.forgetting
    wait(time)
    let time = min(time, Self.mostTime)
    recent = recent == 0 ? time * Self.recency : recent - recent / Self.recency + time
  }

  /// Somebody gave up.
  mutating func quit(after time: UInt64) {
    quits += Self.quit
    wait(time)
  }

  private mutating func wait(_ time: UInt64) {
    waited += min(time, Self.mostTime)
    if quits > Self.mostQuits || waited > Self.mostWaited { (quits, waited) = (quits / 2, waited / 2) }
  }

  /// What was said of somebody has come true, or not.
  mutating func learn(waited: UInt64, _ said: Expectation) {
    let waited = min(waited, Self.mostTime)
    func track(_ mean: inout UInt64, _ error: UInt64) {
      // 0 is for what was never tried.
      let error = max(error, 1)
      mean = mean == 0 ? error * Self.memory : mean - mean / Self.memory + error
    }
    if said.byRates > 0 {
      let corrected = corrected(UInt64(said.byRates))
      track(&errorOfRates, waited > corrected ? waited - corrected : corrected - waited)
      actual = actual - actual / Self.memory + waited
      self.said = self.said - self.said / Self.memory + UInt64(said.byRates)
    }
    if said.byRecent > 0 {
      let recent = UInt64(said.byRecent)
      track(&errorOfRecent, waited > recent ? waited - recent : recent - waited)
    }
    ratios[Int(said.placeClass)].add(waited: waited, expected: UInt64(said.expected))
  }

  private func corrected(_ time: UInt64) -> UInt64 {
    guard said > 0, actual > 0 else { return time }
    // Both are sums of at most `memory` times of at most 50 days each.
    return min(time * min(actual * 1_000 / said, 1_000_000) / 1_000, UInt64(UInt32.max))
  }

  /// How long whoever has that place waits by rates alone, in ms; nil: nothing is known, or nobody is there.
  /// - Parameters:
  ///   - place: from 1.
  ///   - slots: how many chats those may have at once who are there.
  func expected(place: Int, slots: UInt64) -> UInt64? {
    guard handling > 0, slots > 0 else { return nil }
    let service = max(1, (min(slots, Self.mostSlots) << (Self.scale + 5)) / handling)
    let leaving = waited == 0 ? 0 : min((quits << (Self.scale - 16)) / waited, Self.mostLeaving)
    var (sum, rate) = (UInt64(0), service)
    for _ in 0..<min(max(place, 1), Self.mostAdded) {
      sum += (1 << Self.scale) / rate
      rate += leaving
    }
    if place > Self.mostAdded {
      let (rest, isTooLarge) = UInt64(place - Self.mostAdded).multipliedReportingOverflow(
        by: (1 << Self.scale) / (rate - leaving))
      sum += isTooLarge ? Self.mostWaited : min(rest, Self.mostWaited)
    }
    return min(max(sum, 1), UInt64(UInt32.max))
  }

  /// What is expected of whoever comes into that place; nil: nothing is known, or nobody is there.
  func expectation(place: Int, slots: UInt64) -> Expectation? {
    guard let rates = expected(place: place, slots: slots) else { return nil }
    let recent = recent / Self.recency
    let expectation = Expectation(
      expected: UInt32(clamping: combined(corrected(rates), recent)), byRates: UInt32(clamping: rates),
      byRecent: UInt32(clamping: recent), placeClass: UInt8(Self.placeClass(of: place)))
    return expectation
  }

  /// Each by how right it was: the inverse squares of its errors (Bates and Granger, "The combination of forecasts", 1969).
  private func combined(_ rates: UInt64, _ recent: UInt64) -> UInt64 {
    guard recent > 0, errorOfRates > 0, errorOfRecent > 0 else { return max(rates, 1) }
    let share = errorOfRecent * 256 / (errorOfRates + errorOfRecent)
    let (ours, theirs) = (share * share, (256 - share) * (256 - share))
    return max((rates * ours + recent * theirs) / (ours + theirs), 1)
  }

  /// How long whoever has that place is likely to wait.
  func estimate(place: Int, slots: UInt64) -> WaitEstimate? {
    expectation(place: place, slots: slots).map { expectation in
      WaitEstimate(
        expected: UInt64(expectation.expected),
        ratios[Int(expectation.placeClass)].quantiles ?? WaitRatios.unlearned(place: place))
    }
  }

  /// In ms.
  struct Expectation: Hashable, Sendable {
    var expected: UInt32
    /// By rates alone.
    var byRates: UInt32
    /// By the last waits alone; 0: there were none.
    var byRecent: UInt32
    var placeClass: UInt8
  }

  func encode(into writer: inout ByteWriter) {
    for one in [handling, quits, waited, recent, actual, said, errorOfRates, errorOfRecent] {
      writer.writeVarint(one)
    }
    for one in ratios { one.encode(into: &writer) }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    handling = try reader.readVarint()
    quits = try reader.readVarint()
    waited = try reader.readVarint()
    recent = try reader.readVarint()
    actual = try reader.readVarint()
    said = try reader.readVarint()
    errorOfRates = try reader.readVarint()
    errorOfRecent = try reader.readVarint()
    let most = UInt64(UInt32.max) * Self.memory
    guard recent <= most, actual <= most, said <= most, errorOfRates <= most, errorOfRecent <= most else {
      throw .invalid("a line's waits were longer than there was time for")
    }
    guard handling <= Self.mostTime * Self.smoothing, quits <= Self.mostQuits, waited <= Self.mostWaited else {
      throw .invalid("a line has seen more than there was time for")
    }
    for place in ratios.indices { ratios[place] = try WaitRatios(from: &reader) }
  }
}

extension LineForecast.Expectation {
  func encode(into writer: inout ByteWriter) {
    for one in [expected, byRates, byRecent] { writer.writeVarint(UInt64(one)) }
    writer.write(placeClass)
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let (expected, byRates, byRecent) = (
      try reader.readVarint(), try reader.readVarint(), try reader.readVarint()
    )
    placeClass = try reader.readUInt8()
    let most = UInt64(UInt32.max)
    guard expected > 0, expected <= most, byRates <= most, byRecent <= most, placeClass < 4 else {
      throw .invalid("a session is to wait for longer than there is time")
    }
    (self.expected, self.byRates, self.byRecent) = (UInt32(expected), UInt32(byRates), UInt32(byRecent))
  }
}
