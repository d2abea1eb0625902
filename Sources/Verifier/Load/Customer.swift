import Simulation
import SwitchboardClient

/// Opens a session, says a number of things, closes it, opens the next one. The last one stays open.
struct Customer: Sendable {
  let participant: Participant
  let skills: [String]
  /// Milliseconds between two messages, on average.
  let pace: Int
  let dice: Dice

  func run() async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await participant.stayConnected() }
      tasks.addTask { await participant.listen() }
      tasks.addTask { await converse() }
    }
  }

  private func converse() async {
    let recorder = participant.recorder
    var dice = dice
    var opened = 0
    await recorder.pause(milliseconds: dice.below(pace * 2), in: .talking)
    while recorder.phase == .talking, !Task.isCancelled {
      opened += 1
      guard let session = await open(number: opened, &dice) else {
        await recorder.pause(milliseconds: pace, in: .talking)
        continue
      }
      let count = dice.draw(8...24)
      var goesOn = true
      for number in 1...count where goesOn {
        await recorder.pause(milliseconds: dice.draw(pace / 2...pace * 3 / 2), in: .talking)
        guard recorder.phase == .talking else { break }
        let id = "\(participant.process)-\(opened)-\(number)"
        goesOn = await participant.say("\(number) of \(id)", in: session, id: id)
      }
      guard recorder.phase == .talking else {
        if goesOn { participant.stays(in: session) }
        return
      }
      if goesOn { await participant.close(session) }
    }
  }

  private func open(number: Int, _ dice: inout Dice) async -> String? {
    let recorder = participant.recorder
    let id = "\(participant.process)-\(number)"
    let skill = dice.pick(skills) ?? ""
    let priority = dice.chance(permille: 150) ? 1 : 0
    let called = recorder.now
    var opening = Opening(
      process: participant.process, id: id, session: nil, skill: skill, priority: priority, state: "",
      called: called, returned: nil)
    do {
      let snapshot = try await recorder.during(participant.process) {
        try await participant.connection.open(skill: skill, priority: priority, id: id)
      }
      opening.session = snapshot.session
      opening.state = snapshot.state
      opening.returned = recorder.now
    } catch let ClientError.refused(code, message) {
      recorder.complain(Violation("refused", "\(participant.process) could not open: \(code) \(message)"))
    } catch {
      // No answer before the end: it may be open or not.
    }
    recorder.note { [opening] in $0.openings.append(opening) }
    if let session = opening.session { recorder.opened(session) }
    return opening.session
  }
}
