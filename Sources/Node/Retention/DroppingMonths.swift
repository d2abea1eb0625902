import Desk
import Kernel
import Raft

/// When the leader looks whether a month is over for as long as archives keep it.
struct RetentionWatch {
  private var last: (term: Term, at: Instant)?

  /// At the start of each term, and then no more often than after `pause`: months are long.
  mutating func isDue(_ term: Term, now: Instant, pause: Span) -> Bool {
    if let last, last.term == term, now - last.at < pause { return false }
    last = (term, now)
    return true
  }
}

extension Node {
  /// The leader says which months archives keep no more, by its own clock and not by that of the log: that one never goes back, and
  /// may once have been set by a node whose clock was ahead. For the same reason it waits until others have told their time,
  /// and says nothing while its clock is not near theirs: a month that is dropped is gone on all nodes.
  mutating func proposeDroppedMonths() {
    guard configuration.keepMonths > 0, raft.role == .leader, state.level >= .seventh, clockIsVouchedFor,
      retention.isDue(raft.term, now: now, pause: .milliseconds(configuration.retentionPause))
    else { return }
    let month = CalendarDay(milliseconds: timeOfDay).monthNumber
    let kept = has(.presentMonthDropped) ? 0 : UInt32(clamping: configuration.keepMonths)
    guard month > kept, month - kept > state.droppedBefore else { return }
    batch.add(
      Submission(
        origin: Origin(server: server, request: 0), command: .dropMonths(DropMonths(before: month - kept))))
  }
}
