import Desk
import Protocol
import Raft

/// Which sessions each person had open after each entry, by the log alone. Whoever asks for their own hears what was so at one
/// moment between the question and the answer: all that anybody can have known to be open before, nothing that anybody can
/// have known to be closed, and never what is another person's.
struct OpenSessionsWatch {
  struct Answer: Equatable {
    /// The newest first.
    var sessions: [String]
    var more: Bool
  }

  private struct Asker: Hashable {
    var isCustomer: Bool
    var desk: DeskNumber
    var id: String
  }

  /// So from that entry on, until the next one of these.
  private struct Age {
    var from: LogIndex
    var sessions: Set<SessionID>
  }

  private var ages: [Asker: [Age]] = [:]

  /// An entry has been applied for the first time.
  mutating func note(
    _ index: LogIndex, ofCustomers customers: [Oracle.Customer: Set<SessionID>],
    ofAgents agents: [AgentWatch.Key: Set<SessionID>]
  ) {
    for (who, sessions) in customers {
      note(index, Asker(isCustomer: true, desk: who.desk, id: who.id), sessions)
    }
    for (who, sessions) in agents {
      note(index, Asker(isCustomer: false, desk: who.desk, id: who.id.rawValue), sessions)
    }
  }

  private mutating func note(_ index: LogIndex, _ asker: Asker, _ sessions: Set<SessionID>) {
    guard ages[asker]?.last?.sessions ?? [] != sessions else { return }
    ages[asker, default: []].append(Age(from: index, sessions: sessions))
  }

  /// - Parameter since: all up to this entry was applied somewhere when the question was asked.
  /// - Returns: what is wrong; nil: nothing.
  func judge(
    _ answer: Answer, to person: Person, of desk: DeskNumber, limit: Int?, since: LogIndex
  ) -> String? {
    let all = ages[Asker(isCustomer: person.role == .customer, desk: desk, id: person.id)] ?? []
    let before = all.last { $0.from <= since } ?? Age(from: .zero, sessions: [])
    let possible = ([before] + all.filter { $0.from > since }).map { Self.answer($0.sessions, limit) }
    if possible.contains(answer) { return nil }
    let since = possible.map(Self.text).joined(separator: ", then ")
    return "\(Self.text(answer)), and since the question there were \(since)"
  }

  private static func answer(_ sessions: Set<SessionID>, _ limit: Int?) -> Answer {
    let newest = sessions.sorted(by: >).prefix(limit ?? Sessions.usual)
    return Answer(sessions: newest.map(\.text), more: newest.count < sessions.count)
  }

  private static func text(_ answer: Answer) -> String {
    "\(answer.sessions)" + (answer.more ? " and more" : "")
  }
}
