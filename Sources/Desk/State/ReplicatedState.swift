package import Kernel

/// All that the cluster agrees on: the desks, and above them who owns which sessions, where agents are, and the level. A value
/// that is changed by `apply` alone; the same commands give the same state, the same effects and the same snapshot on
/// every node.
///
/// A copy costs O(1) for each desk. After that a change copies only the shard that it touches, so a snapshot can be written
/// from a copy on another thread while commands go on.
package struct ReplicatedState: Sendable {
  /// What the cluster may write; never goes back.
  package internal(set) var level = Level.first
  /// The time of the latest entry, in ms since 1970; never goes back.
  package internal(set) var now: UInt64 = 0

  /// The desk that is always there. Beside the others and not among them: nearly everything is in it where there is one team.
  var main = DeskState(.main, settings: .main)
  /// The others, each at its number less one; what is not in use is vacant. From level 4 on.
  var others: [DeskState] = []
  /// Of those that can be asked for.
  var names: [DeskName: DeskNumber] = [:]
  /// Which of the others have something to do, and from when on.
  var duties = RankedSet<DeskDuty>()
  /// Of the desk that was created last.
  var lastNumber = DeskNumber.main
  /// What was done of late that belongs to no desk.
  var done = DoneWindow()

  var servers = ServerTables()
  /// The request with which each server has announced that it has started: those numbered below are of an earlier
  /// life.
  var lifeTable: [ServerID: UInt64] = [:]

  /// From level 2 on.
  var running = RunningDigest()

  /// Sessions that one entry gives from waiting lines to agents, beside one for each of its commands: some milliseconds of
  /// work. Part of what the log means, from level 2 on: the same on all nodes, and for ever but for a new level. (The
  /// simulator has another number, that of all its nodes.)
  package var mostPulled = 256
  /// What the present entry may still give.
  var pullRoom = 0

  /// Desks that the present entry has deleted, for whoever keeps an archive. In no snapshot.
  var deletedOfLate: [DeskNumber] = []
  /// Sessions that have left with the present entry, for whoever keeps something of them. In no snapshot.
  package internal(set) var leftOfLate: [SessionID] = []

  /// Of level 1 alone.
  var spellings = Spellings()

  package init() {}

  /// Applies one log entry.
  /// - Parameters:
  ///   - submissions: the entry's commands, in order. Sessions opened by a submission at place 4,096 or later are
  ///     refused.
  ///   - index: the entry's log index, above that of all entries before it.
  ///   - now: the entry's time in ms since 1970; one that is behind the state's own is taken as that.
  ///   - effects: what has happened is added at the end, in order.
  package mutating func apply(
    _ submissions: [Submission], index: UInt64, now: UInt64, into effects: inout [Effect]
  ) {
    if now > self.now { self.now = now }
    if level > .first { spellings.forget() }
    pullRoom = mostPulled
    if !deletedOfLate.isEmpty { deletedOfLate = [] }
    if !leftOfLate.isEmpty { leftOfLate = [] }
    if !servers.erasedOfLate.isEmpty { servers.erasedOfLate = [] }
    servers.retention.isNew = false
    servers.entry = index
    trimTranscripts()
    retireSessions(submissions)
    for place in submissions.indices {
      let origin = submissions[place].origin
      let answer: Answer
      switch level == .first ? spellings.settle(submissions[place].command) : submissions[place].command {
      case .send(let send):
        answer = change(send.session.desk, else: .notFound) { $0.apply(send, into: &effects) }
      case .open(let open):
        let id = SessionID(index: index, place: place, desk: open.desk)
        answer = change(open.desk, else: .noSuchDesk) { $0.apply(open, id: id, into: &effects) }
      case .perform(let envelope):
        answer = change(envelope.session.desk, else: .notFound) { $0.apply(envelope, into: &effects) }
      case .setStatus(let status): answer = apply(status, from: origin, into: &effects)
      case .endPresences(let end): answer = apply(end, from: origin, into: &effects)
      case .serverLost(let lost): answer = apply(lost, into: &effects)
      case .timePasses(let time): answer = apply(time, into: &effects)
      case .dropMonths(let drop): answer = apply(drop)
      case .raiseLevel(let raise): answer = apply(raise, into: &effects)
      case .attend(let attendance):
        answer = change(attendance.session.desk, else: .notFound) { $0.apply(attendance, into: &effects) }
      case .govern(let envelope): answer = apply(envelope, into: &effects)
      case .arrange(let envelope): answer = apply(envelope, from: origin, into: &effects)
      case .noteRead(let read): answer = change(read.desk, else: .noSuchDesk) { $0.apply(read, into: &effects) }
      case .annotate(let annotation):
        answer = change(annotation.row.session.desk, else: .notFound) { $0.apply(annotation, into: &effects) }
      }
      if origin.request != 0 { effects.append(.answer(origin, answer)) }
    }
    for erased in servers.erasedOfLate { leftOfLate += erased.sessions }
  }
}
