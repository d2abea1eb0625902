package import Desk

/// Who of a session is connected to one node: from that node to the owner of the session. It is the whole of what the
/// node knows of the session and takes the place of what it said before, so one that is lost does no harm for longer
/// than until the next.
package struct AttendanceReport: Hashable, Sendable {
  package var session: SessionID
  /// The version of the last list that the node has from this owner; 0: none. The owner answers an older one.
  package var seen: UInt64
  /// Someone on the node follows the session, be it somebody who is not shown: the node wants the lists.
  package var isFollowed: Bool
  /// Those of the session who are connected to the node, each one once.
  package var people: [Person]

  package init(session: SessionID, seen: UInt64, isFollowed: Bool, people: [Person]) {
    self.session = session
    self.seen = seen
    self.isFollowed = isFollowed
    self.people = people
  }
}

/// Who of a session is connected to any node: from the owner to the nodes where it is followed. Always the whole list.
package struct AttendanceList: Hashable, Sendable {
  /// Of one list or report.
  package static let mostPeople = 64

  package var session: SessionID
  /// Never the same for two lists of one life of the owner; not 0.
  package var version: UInt64
  package var people: [Person]

  package init(session: SessionID, version: UInt64, people: [Person]) {
    self.session = session
    self.version = version
    self.people = people
  }
}

extension [Person] {
  /// Of a report or a list of these people in a frame, at the most.
  package var mostBytes: Int { reduce(32) { $0 + 11 + $1.id.utf8.count + $1.name.utf8.count } }
}

/// What a frame about presence carries.
package enum AttendanceContent: Hashable, Sendable {
  case reports([AttendanceReport])
  case lists([AttendanceList])
}
