import Desk
import Kernel

/// What lies in months that are over for long goes, and nothing else.
extension Oracle {
  /// Whole months behind the present one.
  static let keptMonths = 1

  /// - Returns: what is wrong; nil: nothing.
  mutating func apply(_ drop: DropMonths) -> String? {
    let present = CalendarDay(milliseconds: now).monthNumber
    guard drop.before + UInt32(Self.keptMonths) <= present else {
      return "months before \(drop.before) are dropped, and it is month \(present)"
    }
    droppedBefore = max(droppedBefore, drop.before)
    return nil
  }

  /// Whether a part of the session may be gone.
  func mayBeDropped(_ session: SessionID) -> Bool {
    openedAt[session].map { CalendarDay(milliseconds: $0).monthNumber < droppedBefore } ?? false
  }
}

extension World {
  /// What was dropped is in no archive, and each state knows from when on all is kept.
  func checkDropped() {
    let border = checks.oracle.droppedBefore
    for node in group where checks.violations.isEmpty {
      if node.state.droppedBefore != border {
        fail("node \(node.id) keeps all from month \(node.state.droppedBefore) on, and the log says \(border)")
      } else if let session = node.archive.sessions(before: border).first {
        fail("the archive of node \(node.id) has a part of session \(session), which was dropped")
      }
    }
    if border > 0 { tally.monthsDropped += 1 }
  }
}
