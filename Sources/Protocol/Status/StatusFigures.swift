// What the status of a cluster says, member by member. The values themselves are in `ClusterStatus`.

extension ClusterStatus.Health: StatusWord {}
extension ProblemCode: StatusWord {}

extension ClusterStatus: StatusRecord {
  package static let title: StaticString = "ClusterStatus"
  package static let figures: [Figure<Self>] = [
    Figure("cluster", { $0.cluster }, "Its name."),
    Figure("observed_by", { $0.observedBy }, "The node that says all of this."),
    Figure("observed_at", { $0.observedAt }, "When.", schema: StatusSchema.time),
    Figure(
      "health", { $0.health },
      "`ok`; `degraded`: it serves and has problems; `no_quorum`: it takes nothing new."),
    Figure("problems", { $0.problems }, "What somebody should look at."),
    Figure("leader", orNull: { $0.leader }, "The node that leads, as this one knows it."),
    Figure("term", { $0.term }, "Rises with each election."),
    Figure("commit_index", { $0.commitIndex }, "The last entry of the log that this node knows to be decided."),
    Figure("applied_index", { $0.appliedIndex }, "The last one that this node has applied."),
    Figure(
      "level", { $0.level },
      "The format level that the cluster writes; raised once every member reads a higher one.",
      schema: StatusSchema.level),
    Figure("quorum", { $0.quorum }, "Who is there of those who decide."),
    Figure("members", { $0.members }, "The nodes."),
    Figure("change", maybe: { $0.change }, "A change of the members that is under way."),
    Figure("sessions", { $0.sessions }, "Of the cluster; of the desk for those whose token names one."),
    Figure("agents", { $0.agents }, "Likewise."),
  ]
}

extension ClusterStatus.Problem: StatusRecord {
  package static let title: StaticString = "Problem"
  package static let figures: [Figure<Self>] = [
    Figure("code", { $0.code }, "What it is."), Figure("node", { $0.node }, "Where it is."),
    Figure("since", { $0.since }, "Since when this node sees it.", schema: StatusSchema.time),
    Figure("advice", { $0.advice }, "What to do, for people."),
  ]
}

extension ClusterStatus.Quorum: StatusRecord {
  package static let title: StaticString = "Quorum"
  package static let figures: [Figure<Self>] = [
    Figure("voters", { $0.voters }, "Nodes that vote."),
    Figure("needed", { $0.needed }, "Voters that a decision needs."),
    Figure("reachable", { $0.reachable }, "Voters that the observing node reaches."),
    Figure("can_lose", { $0.canLose }, "Voters that may be lost before the cluster stops."),
  ]
}

extension ClusterStatus.Change: StatusRecord {
  package static let title: StaticString = "Change"
  package static let figures: [Figure<Self>] = [
    Figure(
      "step", { $0.step },
      "`catching up`: those who join receive the log; `joint`: both majorities are needed.",
      schema: StatusSchema.word("catching up", "joint")),
    Figure("joining", { $0.joining }, "Nodes that come."), Figure("leaving", { $0.leaving }, "Nodes that go."),
  ]
}

extension ClusterStatus.Sessions: StatusRecord {
  package static let title: StaticString = "Sessions"
  package static let figures: [Figure<Self>] = [
    Figure("active", { $0.active }, "Those that an agent serves."),
    Figure("queued", { $0.queued }, "Those that wait."),
    Figure("closed", { $0.closed }, "Those that are over and still in memory."),
  ]
}

extension ClusterStatus.Agents: StatusRecord {
  package static let title: StaticString = "Agents"
  package static let figures: [Figure<Self>] = [
    Figure("online", { $0.online }, "Those who take sessions."),
    Figure("busy", { $0.busy }, "Those who take no more."),
    Figure("away", { $0.away }, "Those who are not there for a moment."),
    Figure("offline", { $0.offline }, "Those who are not at work."),
  ]
}
