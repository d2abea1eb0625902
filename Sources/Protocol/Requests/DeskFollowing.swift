package import Desk

/// How a node tells what happens in a desk, as of now.
package struct DeskFollowing: Sendable {
  /// What entries behind this one have brought about is told, without a gap.
  package var since: UInt64
  /// The entry that was applied last.
  package var at: UInt64
  /// What the desk holds there.
  package var state: DeskSummary
  /// By the node's clock, in ms since 1970.
  package var time: UInt64
  package init(since: UInt64, at: UInt64, state: DeskSummary, time: UInt64) {
    (self.since, self.at, self.state, self.time) = (since, at, state, time)
  }
}

/// What has happened in desks during one turn of the node.
package struct DeskNewsBatch: Sendable {
  package struct Told: Sendable {
    package var desk: DeskName
    package var event: DeskEvent
    package init(desk: DeskName, event: DeskEvent) { (self.desk, self.event) = (desk, event) }
  }

  /// In the order of the log.
  package var events: [Told] = []
  /// Behind these events some are not told: too much has happened at once.
  package var gaps: [(desk: DeskName, following: DeskFollowing)] = []
  /// There is no desk of that name any more.
  package var gone: [DeskName] = []
  package init() {}

  package var isEmpty: Bool { events.isEmpty && gaps.isEmpty && gone.isEmpty }
}

/// Who is told what happens in the desks that are followed.
package protocol DeskNewsSink: AnyObject, Sendable {
  /// Called on the node's thread, once per turn at most: it must not take long.
  func take(_ batch: DeskNewsBatch)
}
