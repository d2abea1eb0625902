import Simulation
import SwitchboardClient
import Synchronization

/// Is online, answers some of what is said, closes a session or hands it on now and then, and goes away for a moment
/// sometimes.
struct AgentAtWork: Sendable {
  private enum Duty: Sendable {
    case answer(session: String, number: UInt64)
    case close(session: String)
    case transfer(session: String, Transfer.Target)
  }

  /// More would be told to nobody: an agent who cannot send for long does not pile up answers.
  private static let waitingAnswers = 64

  let participant: Participant
  let skills: [String]
  /// To whom sessions can be handed on.
  let targets: [Transfer.Target]
  let capacity: Int
  let dice: Dice

  func run() async {
    let (work, queue) = AsyncStream.makeStream(
      of: Duty.self, bufferingPolicy: .bufferingNewest(Self.waitingAnswers))
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await participant.stayConnected() }
      tasks.addTask {
        let dice = Mutex(dice)
        await participant.listen { event in
          guard case .message(let message) = event, message.role == "customer",
            participant.recorder.phase == .talking
          else { return }
          let (roll, target) = dice.withLock { ($0.below(1000), $0.pick(targets)) }
          if roll < 12 {
            queue.yield(.close(session: message.session))
          } else if roll < 32, let target {
            queue.yield(.transfer(session: message.session, target))
          } else if roll < 400 {
            queue.yield(.answer(session: message.session, number: message.sequence))
          }
        }
        queue.finish()
      }
      tasks.addTask { await serve(work) }
      tasks.addTask { await comeAndGo() }
    }
  }

  private func serve(_ work: AsyncStream<Duty>) async {
    var said = 0
    for await duty in work {
      guard participant.recorder.phase == .talking else { continue }
      switch duty {
      case .answer(let session, let number):
        said += 1
        _ = await participant.say(
          "to \(number)", in: session, id: "\(participant.process)-\(said)")
      case .close(let session): await participant.close(session)
      case .transfer(let session, let target): await participant.transfer(session, to: target)
      }
    }
  }

  private func comeAndGo() async {
    let recorder = participant.recorder
    var dice = Dice(seed: dice.seedOfOwn, stream: 2)
    await status(.online)
    while recorder.phase == .talking, !Task.isCancelled {
      await recorder.pause(milliseconds: dice.draw(15_000...40_000), in: .talking)
      guard recorder.phase == .talking else { return }
      await status(.away)
      await recorder.pause(milliseconds: dice.draw(500...2_000), in: .talking)
      await status(.online)
    }
  }

  private func status(_ availability: AgentAvailability) async {
    do {
      try await participant.recorder.during(participant.process + " status") {
        try await participant.connection.setStatus(availability, skills: skills, capacity: capacity)
      }
    } catch let ClientError.refused(code, message) {
      participant.recorder.complain(
        Violation("refused", "\(participant.process) could not be \(availability.rawValue): \(code) \(message)")
      )
    } catch {
      // The run ended before the answer.
    }
  }
}

extension Dice {
  /// A seed for another row of numbers, which leaves this one as it is.
  var seedOfOwn: UInt64 {
    var copy = self
    return copy.next()
  }
}
