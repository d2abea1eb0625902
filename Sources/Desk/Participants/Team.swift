internal import Kernel

/// Who takes part in a session beside its customer and whoever serves it, and what they write to each other. From level 9 on.
///
/// Whoever serves is in `Session.agents`: one while it is active, nobody while it waits.
package struct Team: Sendable {
  static let since = Level.ninth
  /// Agents who are invited to one session at a time.
  package static let mostInvited = 8
  /// Supervisors and admins who watch one session at a time.
  package static let mostWatching = 8

  /// An agent who takes part beside whoever serves. The customer sees it, and it counts for nothing of its capacity.
  package struct Invitation: Hashable, Sendable {
    package var agent: AgentID
    /// ms since 1970.
    package var since: UInt64
  }

  /// A supervisor or an admin who sees all, and is seen by supervisors and admins alone.
  package struct Watcher: Hashable, Sendable {
    package var person: Person
    /// ms since 1970.
    package var since: UInt64
  }

  /// Whoever was invited first stands first. Of a session that is closed: who was invited at its end.
  package internal(set) var invited: [Invitation] = []
  /// Whoever came first stands first. Nobody watches a session that is closed.
  package internal(set) var watching: [Watcher] = []
  package internal(set) var notes = NoteList()
  /// What was done of which the customer is to learn nothing: not even that the version of the session is another one.
  var done = DoneWindow()

  init() {}

  var isEmpty: Bool { invited.isEmpty && watching.isEmpty && notes.isEmpty && done.list.isEmpty }

  func isInvited(_ agent: AgentID) -> Bool { invited.contains { $0.agent == agent } }
  func watches(_ person: Person) -> Bool { watching.contains { $0.person.isSame(as: person) } }
}

/// In an object of its own, so that a session stays small.
final class KeptTeam: Sendable {
  let value: Team
  init(_ value: Team) { self.value = value }
}

extension Session {
  /// nil: nobody but its customer and whoever serves has ever taken part.
  package internal(set) var team: Team? {
    get { keptTeam?.value }
    set { keptTeam = newValue.map { KeptTeam($0) } }
  }

  mutating func changeTeam(_ change: (inout Team) -> Void) {
    var changed = team ?? Team()
    change(&changed)
    team = changed.isEmpty ? nil : changed
  }

  package var invited: [AgentID] { keptTeam?.value.invited.map(\.agent) ?? [] }
}
