internal import Kernel

/// How an event is written into a stream (HTML, section 9.2).
enum ServerSentEvent {
  /// Nothing has happened, and the node lives.
  static let heartbeat = ": \n\n"

  /// - Parameter json: in one line.
  static func text(id: String, name: String, json: String) -> String {
    "id: \(id)\nevent: \(name)\ndata: \(json)\n\n"
  }

  /// What happened since the last event of a follower is not known.
  static func missed(id: String, time: String) -> String {
    text(id: id, name: "missed", json: #"{"time":\#(time.quotedJSON)}"#)
  }

  /// The last word of a stream.
  static func end(_ reason: String) -> String { "event: end\ndata: {\"reason\":\"\(reason)\"}\n\n" }
}

/// Behind which event somebody is: of a desk, an entry of the log and which of its events; of the cluster, a number alone.
struct EventPosition: Comparable, Sendable, CustomStringConvertible {
  var index: UInt64
  /// The highest: behind all of the entry's.
  var place = UInt32.max

  init(_ index: UInt64, _ place: UInt32 = .max) { (self.index, self.place) = (index, place) }

  /// - Returns: nil: no event has this id.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let index = UInt64(parts[0]) else { return nil }
    switch parts.count {
    case 1: self.init(index)
    case 2:
      guard let place = UInt32(parts[1]) else { return nil }
      self.init(index, place)
    default: return nil
    }
  }

  var description: String { place == .max ? "\(index)" : "\(index).\(place)" }

  static func < (left: EventPosition, right: EventPosition) -> Bool {
    (left.index, left.place) < (right.index, right.place)
  }
}
