internal import Kernel

/// Who may do what in a session.
extension Session {
  func isCustomer(_ person: Person) -> Bool {
    person.role == .customer && person.id.hasSameBytes(as: opening.customer.id)
  }

  /// Supervisors and admins can serve too: what counts is that the session was given to them.
  func isAssigned(_ person: Person) -> Bool {
    person.role != .customer && agents.contains { $0.rawValue.hasSameBytes(as: person.id) }
  }

  func isInvited(_ person: Person) -> Bool {
    guard person.role != .customer, let team = keptTeam?.value else { return false }
    return team.isInvited(AgentID(person.id))
  }

  /// Whoever serves it, or is invited to it.
  func takesPart(_ person: Person) -> Bool { isAssigned(person) || isInvited(person) }

  /// Read the transcript and get new messages: the customer, the agents of the session, supervisors and admins.
  package func mayFollow(_ person: Person) -> Bool {
    switch person.role {
    case .supervisor, .admin: true
    case .customer: isCustomer(person)
    case .agent: takesPart(person)
    }
  }

  /// Say something: the customer and the agents of the session.
  package func maySend(_ person: Person) -> Bool {
    isCustomer(person) || takesPart(person)
  }

  /// Hand it on, and ask others in: whoever serves it, supervisors and admins.
  package func mayTransfer(_ person: Person) -> Bool {
    switch person.role {
    case .supervisor, .admin: true
    case .customer: false
    case .agent: isAssigned(person)
    }
  }

  /// End it: its customer, and whoever may hand it on.
  package func mayClose(_ person: Person) -> Bool { isCustomer(person) || mayTransfer(person) }
}

extension Person {
  /// Supervisors and admins of a desk see all of it.
  package var supervises: Bool {
    switch role {
    case .supervisor, .admin: true
    case .customer, .agent: false
    }
  }

  /// Who may read what was said in a session of their desk: the one rule, by whichever door they come.
  /// - Parameters:
  ///   - agents: who serves it, or has served it last.
  ///   - others: who serves its customer in another session now that it is over.
  package func mayRead(
    sessionOf customer: Person, servedBy agents: [AgentID], or others: @autoclosure () -> [AgentID]
  ) -> Bool {
    switch role {
    case .supervisor, .admin: true
    case .customer: customer.isSame(as: self)
    case .agent: agents.contains(AgentID(id)) || others().contains(AgentID(id))
    }
  }
}
