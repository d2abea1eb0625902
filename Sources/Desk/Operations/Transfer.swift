/// Hands a session on.
package struct Transfer: ClientOperation {
  package static let name: StaticString = "transfer"
  package static let summary = "Hand a session on, to an agent or to whoever has a skill"
  package static let about = """
    Give one of `agent` and `skill`. For the agents of the session, supervisors and admins. The same person with the \
    same id in the same session has done it once.
    """
  package static let allowed = Roles.staff
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/transfer")
  package static let answer = AnswerKind.ok

  package var session: SessionID
  package var agent: String?
  package var skill: String?
  package init(session: SessionID, agent: String? = nil, skill: String? = nil) {
    (self.session, self.agent, self.skill) = (session, agent, skill)
  }

  package static let fields = Fields(
    Self.init(session:agent:skill:),
    Field("session", { $0.session }, .session, "Which one."),
    // As long as the `sub` of a token may be.
    Field("agent", { $0.agent }, .optional(.name(128)), "Who gets it at once, or not at all."),
    Field("skill", { $0.skill }, .optional(.name(64)), "What its next agent has to know: it may wait for one."))

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    switch (agent, skill) {
    case (let agent?, nil): .transfer(session, id: asker.requestID, to: .agent(AgentID(agent)))
    case (nil, let skill?): .transfer(session, id: asker.requestID, to: .skill(skill))
    case (nil, nil), (.some, .some): throw Failure(.badFrame, "Give one of `agent` and `skill`.")
    }
  }
}
