internal import Kernel

/// How much of the past archives keep, in months of the calendar (UTC). The leader says so, by its configuration, and no node
/// drops anything by a clock of its own.
struct Retention: Hashable, Sendable {
  /// The first month that is kept, as months since January of the year 0; 0: all are. Never goes back.
  var droppedBefore: UInt32 = 0
  /// The present entry has raised it. In no snapshot.
  var isNew = false
}

extension ReplicatedState {
  /// Rows of archives that lie in months before this one are gone, as months since January of the year 0; 0: none is.
  package var droppedBefore: UInt32 { servers.retention.droppedBefore }

  /// The present month is never dropped, nor is the one before it: a leader whose clock is ahead by a month takes nothing that is
  /// still going on.
  mutating func apply(_ drop: DropMonths) -> Answer {
    guard level >= .seventh, Self.mayDrop(before: drop.before, at: now) else { return .refused(.conflict) }
    guard drop.before > droppedBefore else { return .done }
    servers.retention = Retention(droppedBefore: drop.before, isNew: true)
    return .done
  }

  private static func mayDrop(before month: UInt32, at time: UInt64) -> Bool {
    month < CalendarDay(milliseconds: time).monthNumber
  }

  /// Whether some of what was said in a session can have been dropped.
  /// - Parameter time: when it was opened, in ms since 1970.
  package func mayHaveDropped(since time: UInt64) -> Bool {
    droppedBefore > 0 && CalendarDay(milliseconds: time).monthNumber < droppedBefore
  }
}

extension Retention {
  func encode(into writer: inout ByteWriter) { writer.writeVarint(UInt64(droppedBefore)) }

  /// - Parameter now: the state's time.
  init(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    let month = try reader.readVarint()
    guard month == 0 || month < CalendarDay(milliseconds: now).monthNumber else {
      throw .invalid("months are dropped that are not over")
    }
    self.init(droppedBefore: UInt32(clamping: month))
  }
}
