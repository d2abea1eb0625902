import Desk
import Kernel
import Protocol
import Raft

/// What the leader alone proposes: who is lost, and that time has passed. Every command does a bounded part, so that
/// none holds up what clients say; while something is left, the next one follows. A new leader goes on where the
/// last one has stopped, for it sees in the state what is left.
extension Node {
  /// How much of the state one command may change, and how long agents who are gone keep their chats.
  var bounds: Bounds {
    Bounds(limit: UInt32(clamping: configuration.maxAtOnce), grace: UInt64(max(0, configuration.agentGrace)))
  }

  // MARK: Servers

  /// The leader gives the sessions of a lost server to the others.
  mutating func watchServers() {
    guard raft.role == .leader, !has(.lossUnseen) else { return }
    let pause = Span.milliseconds(configuration.commandPatience)
    var lost: [ServerID] = []
    for member in group.members where member.id != server.rawValue {
      let peer = NodeID(member.id)
      if isGone(ServerID(member.id)), watch.mayDeclare(peer, now: now, pause: pause) {
        lost.append(ServerID(member.id))
      }
    }
    // What is on a node that is no longer a member: also agents alone, who would be given chats for ever.
    for other in state.involvedServers where !group.members.contains(where: { $0.id == other.rawValue }) {
      if watch.mayDeclare(NodeID(other.rawValue), now: now, pause: pause) { lost.append(other) }
    }
    for server in lost where state.isInvolved(server) {
      note(
        .warning, "a server is lost; its sessions move", ("server", name(of: NodeID(server.rawValue))))
      proposeLoss(of: server)
    }
  }

  /// A part of a lost server's sessions has moved. Whoever has come back meanwhile keeps the rest.
  mutating func lossGoesOn(of lost: ServerID) {
    guard raft.role == .leader, lost != server, isGone(lost) else { return }
    watch.wasDeclared(NodeID(lost.rawValue), at: now)
    proposeLoss(of: lost)
  }

  private mutating func isGone(_ server: ServerID) -> Bool {
    let peer = NodeID(server.rawValue)
    guard group.members.contains(where: { $0.id == server.rawValue }) else { return true }
    let isOutOfReach = watch.isGone(
      peer, isConnected: peers.isConnected(peer), lastHeard: lastHeard(peer), now: now,
      patience: configuration.patience)
    // Without room on its disk it serves nobody; one that is drained is about to go.
    return isOutOfReach || peers.report(of: peer).map { $0.diskIsFull || $0.isDraining } ?? false
  }

  private mutating func proposeLoss(of lost: ServerID) {
    let fit = owners().map { ServerID($0.rawValue) }.filter { $0 != lost }
    // Whoever leads has all that was committed.
    let heirs = fit.isEmpty ? [server] : fit
    batch.add(
      Submission(
        origin: Origin(server: server, request: 0),
        command: .serverLost(ServerLost(server: lost, heirs: heirs, bounds: bounds))))
  }

  // MARK: Time

  /// The leader says that time has passed when something is due by it, when there was more to give to agents than one
  /// entry may, or when sessions are to leave the state; one such command at a time. Its stamp is the time of the entry, which
  /// is not below the clock that was looked at here.
  mutating func proposeTime() {
    guard raft.role == .leader else { return }
    let endedBefore = endedBefore
    guard isTimeDue || endedBefore != nil else { return }
    guard !has(.timeStandsStill),
      watch.mayProposeTime(now, pause: .milliseconds(configuration.commandPatience))
    else { return }
    batch.add(
      Submission(
        origin: Origin(server: server, request: 0),
        command: .timePasses(
          TimePasses(limit: UInt32(clamping: configuration.maxReleased), endedBefore: endedBefore))))
  }

  /// Sessions that ended before this leave the state; nil: none is due. Once a second is often enough, and then all go.
  private var endedBefore: UInt64? {
    guard let first = state.firstEnd else { return nil }
    let (linger, now) = (UInt64(clamping: configuration.linger), max(raft.clock, state.now))
    if has(.endsAtOnce) { return first <= now ? now + 1 : nil }
    return now >= linger && first + pauseOfEnds <= now - linger ? now - linger : nil
  }

  private var pauseOfEnds: UInt64 { UInt64(clamping: min(1_000, configuration.linger)) }

  private var isTimeDue: Bool {
    if state.hasUnserved, !has(.unservedForgotten) { return true }
    return state.nextDeadline.map { $0 <= max(raft.clock, state.now) } ?? false
  }
}
