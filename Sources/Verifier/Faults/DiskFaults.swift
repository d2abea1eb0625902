/// Disks that are full or slow where it matters most, and what must come about nevertheless.
extension Striker {
  func fillLeadersDisk(
    _ name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void
  ) async throws -> [Violation] {
    naming([name])
    let began = ContinuousClock.now
    try await disturbDisk(of: name, syncDelay: 0, isFull: true)
    let full = visitors.recorder.now
    var watching = FullDiskWatch(node: name)
    while !Task.isCancelled {
      let views = await watch.statuses().map { (node: $0.node.name, status: $0.status) }
      watching.saw(views, isWritten: visitors.recorder.hasAck(saidAfter: full))
      let elapsed = (ContinuousClock.now - began) / .seconds(1)
      if watching.isFulfilled ? elapsed * 1000 >= Double(choice.hold) : elapsed > FullDiskWatch.patience {
        break
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    try await disturbDisk(of: name, syncDelay: 0, isFull: false)
    return watching.violations
  }

  /// A follower whose disk lags, under a load that makes snapshots due.
  func lagBehindSnapshots(
    _ name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void
  ) async throws -> [Violation] {
    naming([name])
    var watching = SnapshotWatch(node: name)
    await look(&watching)
    try await disturbDisk(of: name, syncDelay: 60 + choice.pick % 190, isFull: false)
    let visitors = visitors
    watching = await withTaskGroup(of: Void.self) { [watching] tasks in
      tasks.addTask {
        _ = try? await visitors.run(16, within: Self.loadPatience) { await Self.chat($0, visitors) }
      }
      var watching = watching
      let begin = ContinuousClock.now
      var due: ContinuousClock.Instant?
      // Until one was due, and some time more for the one whose disk is slow.
      while ContinuousClock.now - begin < .seconds(Self.loadPatience), !Task.isCancelled {
        await look(&watching)
        if watching.wasDue, due == nil { due = .now }
        if let due, watching.hasMade || ContinuousClock.now - due > .seconds(Self.snapshotPatience) { break }
        try? await Task.sleep(for: .milliseconds(100))
      }
      tasks.cancelAll()
      return watching
    }
    try await disturbDisk(of: name, syncDelay: 0, isFull: false)
    guard watching.wasDue else {
      throw Failure(description: "no snapshots were due within \(Int(Self.loadPatience)) s of load")
    }
    let end = ContinuousClock.now + .seconds(Self.snapshotPatience)
    while !(watching.hasMade && watching.isShort), ContinuousClock.now < end, !Task.isCancelled {
      await look(&watching)
      try? await Task.sleep(for: .milliseconds(100))
    }
    return watching.violations
  }

  /// How long the load may take to make snapshots due, in seconds.
  private static var loadPatience: Double { 90 }
  /// How much longer the node with the slow disk may take, in seconds.
  private static var snapshotPatience: Double { 20 }

  private func look(_ watching: inout SnapshotWatch) async {
    for (node, status) in await watch.statuses() {
      guard let storage = status?.members.first(where: { $0.id == node.name })?.storage else { continue }
      watching.saw(node.name, snapshot: storage.snapshotIndex ?? 0, logBytes: storage.logBytes ?? 0)
    }
  }

  /// One message after the other, in sessions of a hundred; all of them together stay below the limits of an address.
  private static func chat(_ person: Participant, _ visitors: Visitors) async {
    var sessions = 0
    while !Task.isCancelled, visitors.recorder.phase == .talking {
      sessions += 1
      let id = "\(person.process)-\(sessions)"
      guard let session = await person.open(id, skill: visitors.skill) else { return }
      for number in 1...100 where !Task.isCancelled && visitors.recorder.phase == .talking {
        try? await Task.sleep(for: .milliseconds(30))
        guard await person.say("\(number) of \(id)", in: session, id: "\(id)-\(number)") else { return }
      }
      await person.close(session)
    }
  }
}
