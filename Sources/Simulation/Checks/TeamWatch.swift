import Desk
import Protocol
import Raft

/// What the teams of sessions have written to each other, by the log alone.
struct TeamWatch {
  private struct Written {
    var note: Note
    /// The entry that has brought it.
    var index: LogIndex
  }

  private var notes: [SessionID: [Written]] = [:]
  /// Of all notes.
  private(set) var count = 0

  /// An entry has been applied for the first time.
  mutating func apply(_ effects: [Effect], index: LogIndex) {
    for case .news(let session, let news) in effects {
      guard let note = news.opened(as: Noted.self)?.note ?? news.opened(as: Whispered.self)?.note else {
        continue
      }
      notes[session, default: []].append(Written(note: note, index: index))
      count += 1
    }
  }

  func notes(of session: SessionID) -> [Note] { notes[session]?.map(\.note) ?? [] }

  /// - Parameter since: all up to this entry was applied somewhere when the question was asked.
  /// - Returns: what is wrong; nil: nothing.
  func judge(_ page: NotePage, to person: Person, since: LogIndex) -> String? {
    let own = (notes[page.session] ?? []).filter { $0.note.isFor(person) }
    guard page.notes == own.prefix(page.notes.count).map(\.note) else {
      return "reads other notes of session \(page.session) than were written"
    }
    let known = own.count { $0.index <= since }
    guard page.more || page.notes.count >= known else {
      return "reads \(page.notes.count) notes of session \(page.session), and \(known) were there before"
    }
    return nil
  }
}

extension World {
  /// - Returns: what is wrong with an answer about the team of a session; nil: nothing.
  func judge(_ record: any AnswerRecord, of session: SessionID, since: LogIndex, _ client: Int) -> String? {
    let person = clients[client].person
    if let page = record as? NotePage {
      guard page.session == session, person.role != .customer else { return "hears notes of \(page.session)" }
      return checks.teams.judge(page, to: person, since: since)
    }
    guard let list = record as? ParticipantList, list.session == session else { return "hears \(record)" }
    let parts = list.participants.map(\.part)
    if parts.count(where: { $0 == .serving }) > 1 { return "hears of several who serve session \(session)" }
    if parts.contains(.watching), !person.supervises { return "hears who watches session \(session)" }
    return nil
  }

  /// What may not be told to a customer: a note, and whoever looks on.
  func unfit(_ frame: ReceivedFrame, for person: Person) -> String? {
    guard plan.hasTeams, person.role == .customer else { return nil }
    let kinds = [Noted.name, Whispered.name, NotesTold.name, Watched.name].map { "\($0)" }
    if let kind = frame.kind, frame.type == "event", kinds.contains(kind) { return "is told of a \(kind)" }
    if frame.texts.contains(where: { $0.contains(Self.noteMark) }) { return "is told what a note says" }
    if frame.texts.contains("monitor") { return "is told of whoever looks on" }
    return nil
  }

  /// What was written is there, in the state of all.
  func checkTeams() {
    guard plan.hasTeams else { return }
    for node in group where checks.violations.isEmpty {
      for history in histories {
        guard let found = node.state.session(history.session) else { continue }
        if found.team?.notes.list ?? [] != checks.teams.notes(of: history.session) {
          fail("node \(node.id) has other notes of session \(history.session) than were written")
        }
      }
    }
  }
}
