internal import Kernel

/// What clocks show in a place: how far they are ahead of UTC, and when that changes. The state knows no rules of zones: the node that
/// takes a calendar fills this in from its system, and it is part of the calendar from then on.
package struct ZoneTable: Hashable, Sendable {
  /// Gaza, which has the most, has 56 changes to 2045.
  package static let mostTransitions = 256
  /// A day: no clock is further from UTC.
  private static let mostOffset: Int32 = 86_400

  package struct Transition: Hashable, Sendable {
    /// In s since 1970.
    package var time: Int64
    /// From then on, in s ahead of UTC.
    package var offset: Int32
    package init(time: Int64, offset: Int32) { (self.time, self.offset) = (time, offset) }
  }

  /// Of the zone data that it was made from, for people.
  package let version: String
  /// Before the first change, in s ahead of UTC.
  package let first: Int32
  /// Ascending.
  package let transitions: [Transition]

  /// nil: the changes do not ascend, are too many, or an offset is of more than a day.
  package init?(version: String, first: Int32, transitions: [Transition]) {
    guard transitions.count <= Self.mostTransitions, version.utf8.count <= 32,
      zip(transitions, transitions.dropFirst()).allSatisfy({ $0.time < $1.time }),
      ([first] + transitions.map(\.offset)).allSatisfy({ $0.magnitude <= Self.mostOffset.magnitude }),
      transitions.allSatisfy({ $0.time.magnitude < 1 << 40 })
    else { return nil }
    (self.version, self.first, self.transitions) = (version, first, transitions)
  }

  /// How many changes there are up to a time.
  private func passed(_ time: Int64) -> Int {
    var (low, high) = (0, transitions.count)
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].time <= time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// - Parameter time: in s since 1970.
  /// - Returns: s ahead of UTC.
  package func offset(at time: Int64) -> Int32 {
    let passed = passed(time)
    return passed == 0 ? first : transitions[passed - 1].offset
  }

  /// When clocks show a local time: the first and the last time that they do. Where they skip it, that is the moment of the skip.
  /// - Parameter local: s since 1970 as if the place were at UTC.
  package func times(showing local: Int64) -> (first: Int64, last: Int64) {
    let margin = Int64(Self.mostOffset)
    let (begin, end) = (passed(local - margin), passed(local + margin))
    var (earliest, latest): (Int64?, Int64?) = (nil, nil)
    for place in begin...end {
      let offset = place == 0 ? first : transitions[place - 1].offset
      let time = local - Int64(offset)
      guard place == 0 || transitions[place - 1].time <= time,
        place == transitions.count || time < transitions[place].time
      else { continue }
      if earliest == nil { earliest = time }
      latest = time
    }
    if let earliest, let latest { return (earliest, latest) }
    // It lies in what one of the changes skips.
    for place in begin..<end {
      let before = place == 0 ? first : transitions[place - 1].offset
      let change = transitions[place]
      if change.time + Int64(before) <= local, local < change.time + Int64(change.offset) {
        return (change.time, change.time)
      }
    }
    return (local - Int64(offset(at: local)), local - Int64(offset(at: local)))
  }
}

extension ZoneTable {
  func encode(into writer: inout ByteWriter) {
    writer.write(string: version)
    writer.write(UInt32(bitPattern: first))
    writer.writeVarint(UInt64(transitions.count))
    for transition in transitions {
      writer.write(UInt64(bitPattern: transition.time))
      writer.write(UInt32(bitPattern: transition.offset))
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let version = try reader.readString(limit: 32)
    let first = Int32(bitPattern: try reader.readUInt32())
    var transitions: [Transition] = []
    for _ in 0..<(try reader.readCount(limit: Self.mostTransitions, minimumElementSize: 12)) {
      let time = Int64(bitPattern: try reader.readUInt64())
      transitions.append(Transition(time: time, offset: Int32(bitPattern: try reader.readUInt32())))
    }
    guard let table = ZoneTable(version: version, first: first, transitions: transitions) else {
      throw .invalid("the changes of a zone are in no order, or too large")
    }
    self = table
  }
}

/// Who knows the zones of this world: the system of a node.
package protocol ZoneReading: Sendable {
  /// - Parameter name: of the IANA data base, like Europe/Berlin.
  /// - Returns: nil: there is none of that name.
  func table(of name: String) -> ZoneTable?
}

/// For those who have no system: UTC alone.
package struct NoZones: ZoneReading {
  package init() {}
  package func table(of name: String) -> ZoneTable? {
    name == "UTC" ? ZoneTable(version: "none", first: 0, transitions: []) : nil
  }
}
