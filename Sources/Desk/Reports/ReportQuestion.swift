package import Kernel

/// By what a report has a row each.
package enum ReportGrouping: UInt8, Sendable, CaseIterable {
  case none = 0
  case day = 1
  case agent = 2
  case skill = 3
  case channel = 4

  package var name: String {
    switch self {
    case .none: "none"
    case .day: "day"
    case .agent: "agent"
    case .skill: "skill"
    case .channel: "channel"
    }
  }
}

/// What an archive is asked to add up.
package struct ReportQuestion: Hashable, Sendable {
  /// The only desk whose sums are read.
  package var desk: DeskNumber
  /// On which the conversations were closed.
  package var days: Range<ReportDay>
  package var by: ReportGrouping
  package init(desk: DeskNumber, days: Range<ReportDay>, by: ReportGrouping) {
    (self.desk, self.days, self.by) = (desk, days, by)
  }
}

/// Whose row of a report it is, in the order of rows: days, then names by their bytes, then what has no row of its own.
package struct ReportGroup: Hashable, Comparable, Sendable {
  /// More names of a day than an archive keeps apart are together in one.
  package var isOther: Bool
  /// 0 unless it is by day.
  package var day: ReportDay
  /// Of an agent, a skill or a channel; empty: of none, or it is by something else.
  package var name: TextKey

  package init(_ by: ReportGrouping, day: ReportDay, key: ReportKey, isOther: Bool) {
    (self.isOther, self.day, name) = (false, 0, TextKey(""))
    switch by {
    case .none: break
    case .day: self.day = day
    case .agent: (self.isOther, name) = (isOther, key.agent)
    case .skill: (self.isOther, name) = (isOther, key.skill)
    case .channel: (self.isOther, name) = (isOther, key.channel)
    }
  }

  package static func < (left: ReportGroup, right: ReportGroup) -> Bool {
    if left.isOther != right.isOther { return right.isOther }
    return left.day != right.day ? left.day < right.day : left.name < right.name
  }
}

/// What an archive has added up.
package struct ArchivedReport: Sendable {
  /// In their order.
  package var rows: [(group: ReportGroup, sums: ReportSums)]
  /// false: a part of the archive is still to be filled, or to be counted.
  package var isComplete: Bool
  package init(rows: [(group: ReportGroup, sums: ReportSums)], isComplete: Bool) {
    (self.rows, self.isComplete) = (rows, isComplete)
  }
}
