import Desk
import Kernel
import Protocol

/// Reads that are noted first: whoever asks waits until the note is applied, so that nobody is shown what is not in the audit.
///
/// Who reads one thing page after page is noted once a minute. What was noted is remembered here alone: by another node, or after
/// a restart, it is noted again.
struct AuditedReads {
  /// Reads that wait, some KiB each at the most, and notes that are under way; with so many of either the next one is answered `busy`.
  static let most = 4_096
  /// Notes that are remembered. Above it those of more than a minute ago go, and if these are few, all: so they are not looked through
  /// with each note.
  static let mostRemembered = 16_384
  /// For so long what was noted need not be noted again.
  static let validity = Span.seconds(60)

  enum Waiter {
    case client(ClientRequest)
    /// A call of the HTTP interface.
    case call(UInt64)
  }

  private struct Waiting {
    /// Rises in the order in which they came.
    var number: UInt64
    var waiter: Waiter
    var since: Instant
  }

  /// By the bytes of what is noted; without anybody where all have given up, for the note is under way still: this node's own words
  /// are proposed until they are in the log.
  private var waiting: [NoteKey: [Waiting]] = [:]
  private(set) var count = 0
  private var last: UInt64 = 0
  private var noted: [NoteKey: Instant] = [:]

  var isEmpty: Bool { count == 0 }
  var hasRoom: Bool { count < Self.most && waiting.count < Self.most }

  func isNoted(_ read: NoteRead, at now: Instant) -> Bool {
    guard !noted.isEmpty, let time = noted[NoteKey(read)] else { return false }
    return now - time < Self.validity
  }

  /// - Returns: whether it is to be noted now: it is not under way.
  mutating func wait(_ waiter: Waiter, for read: NoteRead, since now: Instant) -> Bool {
    let key = NoteKey(read)
    last += 1
    count += 1
    defer { waiting[key, default: []].append(Waiting(number: last, waiter: waiter, since: now)) }
    return waiting[key] == nil
  }

  /// It is in the log, and applied here.
  /// - Returns: who has waited for it, in the order in which they came.
  mutating func wasNoted(_ read: NoteRead, at now: Instant) -> [Waiter] {
    let key = NoteKey(read)
    if noted.count >= Self.mostRemembered {
      noted = noted.filter { now - $0.value < Self.validity }
      if noted.count >= Self.mostRemembered / 4 * 3 { noted = [:] }
    }
    // This one in any case: whoever waits looks here once more before they read.
    noted[key] = now
    return take(key)
  }

  /// It will not be.
  mutating func wasRefused(_ read: NoteRead) -> [Waiter] { take(NoteKey(read)) }

  private mutating func take(_ key: NoteKey) -> [Waiter] {
    let found = waiting.removeValue(forKey: key) ?? []
    count -= found.count
    return found.map(\.waiter)
  }

  /// - Returns: those who have waited too long, in the order in which they came. What is under way goes on.
  mutating func takeLate(_ isLate: (Waiter, Instant) -> Bool) -> [Waiter] {
    guard count > 0 else { return [] }
    var late: [Waiting] = []
    waiting = waiting.mapValues { all in
      let own = all.filter { isLate($0.waiter, $0.since) }
      guard !own.isEmpty else { return all }
      late += own
      return all.filter { !isLate($0.waiter, $0.since) }
    }
    count -= late.count
    return late.sorted { $0.number < $1.number }.map(\.waiter)
  }
}

/// Two notes are the same when their bytes are.
private struct NoteKey: Hashable {
  private let desk: DeskNumber
  private let note: [UInt8]

  init(_ read: NoteRead) { (desk, note) = (read.desk, AuditNote.fields.encode(read.note)) }
}
