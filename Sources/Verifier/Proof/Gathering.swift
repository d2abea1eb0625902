/// Asks every node for everything, after the run.
struct Gathering: Sendable {
  let requests: NodeRequests
  let recorder: Recorder
  let nodes: [NodeAddress]

  /// Some requests at a time, so that the nodes are not drowned.
  private static let atOnce = 8

  func gather(_ sessions: [String]) async {
    let jobs = sessions.flatMap { session in nodes.map { (session, $0) } }
    await withTaskGroup(of: Void.self) { tasks in
      for (place, job) in jobs.enumerated() {
        if place >= Self.atOnce { await tasks.next() }
        tasks.addTask { await ask(job.0, job.1) }
      }
      await tasks.waitForAll()
    }
    for node in nodes {
      guard let agents = try? await patiently({ try await requests.agents(at: node) }) else { continue }
      recorder.note { $0.finalAgents.append(AgentSight(node: node.name, at: recorder.now, agents: agents)) }
    }
  }

  private func ask(_ session: String, _ node: NodeAddress) async {
    for isLocal in [true, false] {
      let lines = try? await patiently {
        try await requests.history(session, at: node, isLocal: isLocal)
      }
      recorder.note {
        $0.copies.append(HistoryCopy(node: node.name, isLocal: isLocal, session: session, lines: lines))
      }
    }
    let sight = try? await patiently {
      try await requests.sight(session, at: node, isLocal: true, clock: recorder)
    }
    if let sight { recorder.note { $0.finalSights.append(sight) } }
  }

  /// A single answer that does not come is no proof of a loss, and a node that is asked too fast says so.
  private func patiently<Answer>(_ request: () async throws -> Answer) async throws -> Answer {
    var failures = 0
    for _ in 0..<60 where failures < 3 {
      do { return try await request() } catch let complaint as NodeComplaint where complaint.status == 429 {
        try? await Task.sleep(for: .seconds(1))
      } catch {
        failures += 1
        try? await Task.sleep(for: .milliseconds(300))
      }
    }
    return try await request()
  }
}
