import Desk
import Foundation

/// The zones of this world as the system of this node knows them.
struct SystemZones: ZoneReading {
  /// The end of 2045: what governments will have changed by then nobody knows, and calendars are set anew.
  private static let last = Date(timeIntervalSince1970: 2_398_377_600)
  private static let names = Set(TimeZone.knownTimeZoneIdentifiers + ["UTC"])

  func table(of name: String) -> ZoneTable? {
    guard Self.names.contains(name), let zone = TimeZone(identifier: name) else { return nil }
    // Hours are asked for from now on.
    let begin = Date().addingTimeInterval(-400 * 86_400)
    var transitions: [ZoneTable.Transition] = []
    var time = begin
    while let next = zone.nextDaylightSavingTimeTransition(after: time), next > time, next < Self.last,
      transitions.count < ZoneTable.mostTransitions
    {
      transitions.append(
        ZoneTable.Transition(
          time: Int64(next.timeIntervalSince1970.rounded()), offset: Int32(zone.secondsFromGMT(for: next))))
      time = next
    }
    return ZoneTable(
      version: String(TimeZone.timeZoneDataVersion.prefix(32)), first: Int32(zone.secondsFromGMT(for: begin)),
      transitions: transitions)
  }
}
