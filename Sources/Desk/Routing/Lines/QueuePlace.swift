internal import Kernel

/// A place in a waiting line: whoever has the lower number first, then who came first. The id of a session rises with the log, so it
/// is the order of arrival.
struct QueuePlace: Comparable, Sendable {
  /// From level 9 on the virtual arrival; below it the priority, turned round.
  var arrival: Int64
  var session: SessionID

  init(arrival: Int64, session: SessionID) { (self.arrival, self.session) = (arrival, session) }

  init(priority: Int32, session: SessionID) { self.init(arrival: -Int64(priority), session: session) }

  static func < (left: QueuePlace, right: QueuePlace) -> Bool {
    left.arrival != right.arrival ? left.arrival < right.arrival : left.session < right.session
  }
}
