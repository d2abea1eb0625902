internal import Kernel

/// Says who takes part in a session.
package struct Participants: DeskQuery {
  package typealias Answer = ParticipantList

  package static let name: StaticString = "participants"
  package static let frameType: UInt8 = 111
  package static let summary = "Who takes part in a session, and as what"
  package static let about = """
    For the session's customer, its agents, supervisors and admins. Who watches it is told to supervisors and admins alone.
    """
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.inForeignSession
  package static let route: Route? = Route(.get, "/v1/sessions/{session}/participants")

  package var session: SessionID
  package init(session: SessionID) { self.session = session }

  package static let fields = Fields(
    Self.init(session:), Field(1, "session", { $0.session }, .session, "Which one."))

  package var auditMatter: AuditMatter { AuditMatter(session: session) }

  package func answer(
    to reader: inout QueryReader, in desk: borrowing DeskState
  ) throws(Failure) -> ParticipantList {
    guard let found = desk.session(session) else { throw .noSuchSession }
    guard desk.mayRead(reader.person, session: session) else { throw .notYours }
    var list = [
      Participant(user: found.customer.id, shown: found.customer.name, part: .customer, since: found.openedAt)
    ]
    let givenAt = found.routing?.givenAt ?? 0
    for agent in found.agents {
      list.append(desk.participant(agent, .serving, since: givenAt > 0 ? givenAt : found.openedAt))
    }
    for invitation in found.team?.invited ?? [] {
      list.append(desk.participant(invitation.agent, .invited, since: invitation.since))
    }
    if reader.person.supervises {
      for watcher in found.team?.watching ?? [] {
        list.append(
          Participant(
            user: watcher.person.id, shown: watcher.person.name, part: .watching, since: watcher.since))
      }
    }
    reader.look(at: list.count)
    return ParticipantList(session: session, participants: list)
  }
}

extension DeskState {
  fileprivate func participant(_ agent: AgentID, _ part: Participant.Part, since: UInt64) -> Participant {
    let name = agentTable.read(agent) { $0.name } ?? ""
    return Participant(
      user: agent.rawValue, shown: name.isEmpty ? agent.rawValue : name, part: part, since: since)
  }
}

/// Somebody who takes part in a session.
package struct Participant: Hashable, Sendable {
  package enum Part: UInt8, Sendable, CaseIterable {
    case customer = 0
    /// One while the session is active; of one that is closed, whoever served last.
    case serving = 1
    case invited = 2
    case watching = 3

    package var name: String {
      switch self {
      case .customer: "customer"
      case .serving: "serving"
      case .invited: "invited"
      case .watching: "watching"
      }
    }
  }

  package var user: String
  package var shown: String
  package var part: Part
  /// ms since 1970.
  package var since: UInt64
  package init(user: String, shown: String, part: Part, since: UInt64) {
    (self.user, self.shown, self.part, self.since) = (user, shown, part, since)
  }

  package static let fields = Fields(
    Self.init(user:shown:part:since:),
    Field(1, "user", { $0.user }, .text(128), "Who: the `sub` of the token."),
    Field(2, "name", { $0.shown }, .text(256), "That one's name."),
    Field(
      3, "part", { $0.part }, .named(Part.allCases, { $0.name }, number: { $0.rawValue }),
      "As what. `serving`: one while the session is active; of one that is closed, whoever served last."),
    Field(4, "since", { $0.since }, .time, "Since when, in ms since 1970."))
}

/// Who takes part in a session.
package struct ParticipantList: AnswerRecord, Hashable {
  package static let name: StaticString = "participants"
  package static let frameType: UInt8 = 223

  package var session: SessionID
  package var participants: [Participant]
  package init(session: SessionID, participants: [Participant]) {
    (self.session, self.participants) = (session, participants)
  }

  package static let fields = Fields(
    Self.init(session:participants:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(
      2, "participants", { $0.participants }, .list(of: .record(Participant.fields), upTo: 1_024),
      "The customer, whoever serves, who is invited, and for supervisors and admins who watches."))
}
