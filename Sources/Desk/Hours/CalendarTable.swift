internal import Kernel

/// The calendars of one desk, by name. From level 9 on.
struct CalendarTable: Hashable, Sendable {
  /// Of one desk.
  static let most = 64

  struct Kept: Hashable, Sendable {
    let name: TextKey
    /// Counts all changes of the desk's calendars, from 1.
    let version: UInt64
    let hours: BusinessHours
  }

  private(set) var list: [Kept] = []
  private(set) var lastVersion: UInt64 = 0

  var count: Int { list.count }

  private func place(of name: TextKey) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].name < name { low = middle + 1 } else { high = middle }
    }
    return low
  }

  subscript(name: String) -> Kept? {
    let key = TextKey(name)
    let place = place(of: key)
    return place < list.count && list[place].name == key ? list[place] : nil
  }

  mutating func set(_ hours: BusinessHours, for name: String) {
    lastVersion += 1
    let kept = Kept(name: TextKey(name), version: lastVersion, hours: hours)
    let place = place(of: kept.name)
    if place < list.count, list[place].name == kept.name {
      list[place] = kept
    } else {
      list.insert(kept, at: place)
    }
  }

  mutating func remove(_ name: String) {
    let key = TextKey(name)
    let place = place(of: key)
    guard place < list.count, list[place].name == key else { return }
    lastVersion += 1
    list.remove(at: place)
  }
}

extension CalendarTable {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(lastVersion)
    writer.writeVarint(UInt64(list.count))
    for kept in list {
      writer.writeVarint(kept.version)
      writer.write(
        bytes: SetCalendar.fields.encode(SetCalendar(calendar: kept.name.text, hours: kept.hours)))
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    lastVersion = try reader.readVarint()
    for _ in 0..<(try reader.readCount(limit: Self.most, minimumElementSize: 4)) {
      let version = try reader.readVarint()
      let set = try SetCalendar.fields.decode(try reader.readBytes(limit: .max))
      let kept = Kept(name: TextKey(set.calendar), version: version, hours: set.hours)
      guard version > 0, version <= lastVersion, list.last.map({ $0.name < kept.name }) ?? true else {
        throw .invalid("calendars are not in the order of their names")
      }
      list.append(kept)
    }
  }
}
