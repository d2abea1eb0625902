import Simulation
import SwitchboardClient

/// A supervisor who joins other people's sessions from their first message on, and listens.
struct Watcher: Sendable {
  /// A connection may follow so many sessions on a node with its limits as they are by default, with room to spare.
  private static let mostSessions = 40

  let participant: Participant
  let dice: Dice

  func run() async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await participant.stayConnected() }
      tasks.addTask { await participant.listen() }
      tasks.addTask { await join() }
    }
  }

  private func join() async {
    let recorder = participant.recorder
    var dice = dice
    var joined: Set<String> = []
    while recorder.phase == .talking, joined.count < Self.mostSessions, !Task.isCancelled {
      await recorder.pause(milliseconds: dice.draw(2_000...6_000), in: .talking)
      let choice = recorder.recent.filter { !joined.contains($0) }
      guard recorder.phase == .talking, let session = dice.pick(choice) else { continue }
      joined.insert(session)
      do {
        _ = try await recorder.during(participant.process) {
          try await participant.connection.join(session, after: 0)
        }
        participant.stays(in: session)
      } catch {
        // Without an answer nothing is promised of it.
      }
    }
  }
}

/// Reads whole sessions and their details on any node, each read asking a quorum.
struct Reader: Sendable {
  let process: String
  let recorder: Recorder
  let nodes: @Sendable () -> [NodeAddress]
  let requests: NodeRequests
  /// Milliseconds between two reads.
  let pace: Int
  let dice: Dice

  func run() async {
    var dice = dice
    while recorder.phase == .talking, !Task.isCancelled {
      await recorder.pause(milliseconds: dice.draw(pace / 2...pace * 3 / 2), in: .talking)
      guard recorder.phase == .talking, let node = dice.pick(nodes()), let session = dice.pick(recorder.recent)
      else { continue }
      let called = recorder.now
      if dice.chance(permille: 600) {
        guard let lines = try? await requests.history(session, at: node, isLocal: false) else { continue }
        let read = SessionRead(
          process: process, node: node.name, session: session, lines: lines, called: called,
          returned: recorder.now)
        recorder.note { $0.reads.append(read) }
      } else {
        guard let sight = try? await requests.sight(session, at: node, isLocal: false, clock: recorder) else {
          continue
        }
        recorder.note { $0.sights.append(sight) }
      }
    }
  }
}

/// Looks at all agents, on one node after the other.
struct AgentsReader: Sendable {
  let recorder: Recorder
  let nodes: @Sendable () -> [NodeAddress]
  let requests: NodeRequests
  let dice: Dice

  func run() async {
    var dice = dice
    while recorder.phase == .talking, !Task.isCancelled {
      await recorder.pause(milliseconds: 400, in: .talking)
      guard let node = dice.pick(nodes()) else { continue }
      guard let agents = try? await requests.agents(at: node) else { continue }
      let sight = AgentSight(node: node.name, at: recorder.now, agents: agents)
      recorder.note { $0.agentSights.append(sight) }
    }
  }
}
