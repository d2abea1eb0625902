import Desk
import Kernel
import Simulation
import SwitchboardClient

/// A customer who does whatever is declared for customers in a session of their own: each operation with any values that it
/// takes, then once more with the same id, which has to be done already, then something else with that id, which has to be a
/// conflict.
struct Performer: Sendable {
  let participant: Participant
  /// One that no agent has.
  let skill: String
  /// Milliseconds between two operations, on average.
  let pace: Int
  /// The cluster's level, as far as anybody knows.
  let level: @Sendable () async -> Level
  let dice: Dice

  func run() async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await participant.stayConnected() }
      tasks.addTask { await participant.listen() }
      tasks.addTask { await perform() }
    }
  }

  private func perform() async {
    let recorder = participant.recorder
    var dice = dice
    guard let text = await participant.open("\(participant.process)-1", skill: skill),
      let session = SessionID(text: text)
    else { return }
    // One that ends the session is none of these.
    let types = Operations.ofSessions.values.filter { $0.allowed.contains(.customer) && $0.whenClosed != .done }
      .sorted { $0.number < $1.number }
    var known = Level.first
    var number = 0
    while recorder.phase == .talking, !Task.isCancelled {
      await recorder.pause(milliseconds: dice.draw(pace / 2...pace * 3 / 2), in: .talking)
      if known < .newest { known = await level() }
      guard recorder.phase == .talking, let type = dice.pick(types.filter { $0.since <= known }) else {
        continue
      }
      number += 1
      await perform(type, in: session, id: "\(participant.process)-p\(number)", &dice)
    }
  }

  private func perform<One: SessionOperation>(
    _: One.Type, in session: SessionID, id: String, _ dice: inout Dice
  ) async {
    var random = SeededGenerator(seed: UInt64(dice.below(1 << 30)))
    let operation = One.sample(in: session, &random)
    guard await outcome(of: operation, id) == .some("ok") else { return }
    if let again = await outcome(of: operation, id), again != "ok" {
      complain("\(One.name) \(id) was done, and is answered \(again) when it is repeated")
    }
    let other = One.sample(in: session, &random)
    guard One.fields.encode(other) != One.fields.encode(operation) else { return }
    if let odd = await outcome(of: other, id), odd != "conflict" {
      complain("\(One.name) \(id) was done, and is answered \(odd) when its id is used for something else")
    }
  }

  private func complain(_ words: String) {
    participant.recorder.note { $0.repeatedWrongly.append(Violation("done once", words)) }
  }

  /// - Returns: "ok", or the code of the refusal; nil: no answer before the end.
  private func outcome<One: SessionOperation>(of operation: One, _ id: String) async -> String? {
    do {
      try await participant.recorder.during("\(participant.process) \(One.name)") {
        try await participant.connection.perform(operation, id: id)
      }
      return "ok"
    } catch let ClientError.refused(code, message) {
      // It is this customer's own session, and open.
      if code != "conflict" {
        participant.recorder.complain(Violation("refused", "\(One.name) \(id): \(code) \(message)"))
      }
      return code
    } catch {
      return nil
    }
  }
}
