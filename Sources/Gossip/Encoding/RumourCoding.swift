/// One byte says the kind: a health's number, or `loadKind`. From `sizedKinds` on a length follows, so that a node of a
/// release that does not know the kind can pass it over. (Those of level 1 cannot: new kinds are for members that read
/// more.) Numbers are varints; a hint set takes 20 to 80 bytes.
extension Rumour {
  private static let loadKind: UInt8 = 0x10
  private static let sizedKinds: ClosedRange<UInt8> = 0x20...0xFF

  func encoded() -> [UInt8] {
    var sink = ByteSink()
    switch self {
    case .health(let rumour):
      sink.byte(rumour.health.rawValue)
      sink.number(rumour.member.rawValue)
      sink.number(rumour.incarnation.rawValue)
      if rumour.health == .suspect { sink.number(rumour.accuser.rawValue) }
    case .load(let rumour):
      sink.byte(Self.loadKind)
      sink.number(rumour.member.rawValue)
      sink.number(rumour.stamp.incarnation.rawValue)
      sink.number(rumour.stamp.sequence)
      sink.number(min(rumour.age, LoadRumour.highestAge))
      rumour.hints.encode(into: &sink)
    }
    return sink.bytes
  }

  /// - Returns: nil for one of a kind that this build does not know.
  static func decode(_ cursor: inout ByteCursor) throws(DatagramError) -> Rumour? {
    let kind = try cursor.byte()
    if sizedKinds.contains(kind) {
      try cursor.skip(Int(try cursor.number(as: UInt32.self)))
      return nil
    }
    if kind == loadKind {
      return .load(
        LoadRumour(
          member: try cursor.member(),
          stamp: HintStamp(incarnation: try cursor.incarnation(), sequence: try cursor.number()),
          age: try cursor.number(upTo: LoadRumour.highestAge), hints: try LoadHints.decode(&cursor)))
    }
    guard let health = Health(rawValue: kind) else { throw .invalid }
    var rumour = HealthRumour(
      member: try cursor.member(), health: health,
      incarnation: Incarnation(try cursor.number(upTo: Incarnation.highest.rawValue)))
    if health == .suspect { rumour.accuser = try cursor.member() }
    return .health(rumour)
  }
}

extension LoadHints {
  fileprivate func encode(into sink: inout ByteSink) {
    sink.number(connections)
    sink.number(ownedSessions)
    sink.number(cpuPerMille)
    sink.number(loopLagMicroseconds)
    sink.number(proposalsPerSecond)
    sink.number(ackP99Microseconds)
    sink.byte(isDraining ? 1 : 0)
    sink.number(uptimeSeconds)
    sink.text(version)
  }

  fileprivate static func decode(_ cursor: inout ByteCursor) throws(DatagramError) -> LoadHints {
    let connections = try cursor.number(as: UInt32.self)
    let ownedSessions = try cursor.number(as: UInt32.self)
    let cpuPerMille = UInt16(try cursor.number(upTo: 1_000))
    let loopLag = try cursor.number(as: UInt32.self)
    let proposals = try cursor.number(as: UInt32.self)
    let ackP99 = try cursor.number(as: UInt32.self)
    let flags = try cursor.byte()
    guard flags <= 1 else { throw .invalid }
    let uptime = try cursor.number(as: UInt32.self)
    let version = try cursor.text(upTo: longestVersion)
    return LoadHints(
      connections: connections, ownedSessions: ownedSessions, cpuPerMille: cpuPerMille,
      loopLagMicroseconds: loopLag, proposalsPerSecond: proposals, ackP99Microseconds: ackP99,
      isDraining: flags == 1, uptimeSeconds: uptime, version: version)
  }
}
