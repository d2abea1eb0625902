/// How long a test waits for what it wants to see, in seconds. Nobody waits as long but a test that fails: a machine
/// that has other work to do beside the tests may take its time.
let patience = 180.0

/// Waits until something holds; fails with what was waited for.
func eventually(_ what: String, _ condition: @Sendable () async throws -> Bool) async throws {
  try await eventually(what, reaches: 1) { try await condition() ? 1 : 0 }
}

/// Waits until something has grown to a number. However slow that is, the wait goes on while it grows.
func eventually(_ what: String, reaches goal: Int, _ progress: @Sendable () async throws -> Int) async throws {
  var best = Int.min
  var deadline = ContinuousClock.now
  while true {
    let seen = try await progress()
    if seen >= goal { return }
    if seen > best {
      best = seen
      deadline = ContinuousClock.now + .seconds(patience)
    }
    guard ContinuousClock.now < deadline else {
      let state = goal == 1 ? "" : ", which stays at \(best) of \(goal)"
      throw TestFailure("waited \(patience) s in vain: \(what)\(state)")
    }
    // A pause between two looks, not a wait for the thing itself.
    try await ContinuousClock().sleep(for: .milliseconds(20))
  }
}
