import Simulation
import SwitchboardClient
import Synchronization

/// People who come for one fault and go with it. What they say is proved like everybody's.
final class Visitors: Sendable {
  let recorder: Recorder
  private let run: String
  private let urls: @Sendable () -> [String]
  private let tokens: TokenSource
  private let authorities: String?
  private let count = Mutex(0)

  /// - Parameters:
  ///   - urls: of the nodes that there are now.
  ///   - authorities: a file, for nodes with TLS.
  init(
    run: String, recorder: Recorder, urls: @escaping @Sendable () -> [String], authorities: String? = nil,
    tokens: @escaping TokenSource
  ) {
    self.authorities = authorities
    self.run = run
    self.recorder = recorder
    self.urls = urls
    self.tokens = tokens
  }

  /// A skill that no agent has: these sessions take nobody's time.
  var skill: String { "verify-\(run)-visitors" }

  /// A customer nobody has met before.
  func customer() async throws -> Participant {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let process = "\(run)-v\(number)"
    return Participant(
      process: process, urls: urls(), first: number, recorder: recorder, authorities: authorities,
      token: try await tokens("customer", process, nil))
  }

  /// Runs what `count` customers do, each on a connection of its own.
  /// - Returns: whether all of them were done in time.
  func run(
    _ count: Int, within seconds: Double, _ work: @escaping @Sendable (Participant) async -> Void
  ) async throws -> Bool {
    var people: [Participant] = []
    for _ in 0..<count { people.append(try await customer()) }
    return await withTaskGroup(of: Bool.self) { [people] tasks in
      tasks.addTask {
        try? await Task.sleep(for: .seconds(seconds))
        return false
      }
      tasks.addTask {
        await withTaskGroup(of: Void.self) { tasks in
          for one in people { tasks.addTask { await Self.visit(one, work) } }
        }
        return true
      }
      defer { tasks.cancelAll() }
      return await tasks.next() ?? false
    }
  }

  private static func visit(_ one: Participant, _ work: @escaping @Sendable (Participant) async -> Void) async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await one.stayConnected() }
      tasks.addTask { await one.listen() }
      tasks.addTask {
        await work(one)
        await one.connection.shutDown()
      }
    }
  }
}

extension Participant {
  /// - Returns: the session; nil: no answer came, or it was refused.
  func open(
    _ id: String, skill: String, intent: String = "", attributes: [String: String] = [:]
  ) async -> String? {
    var opening = Opening(
      process: process, id: id, session: nil, skill: skill, priority: 0, state: "", called: recorder.now,
      returned: nil)
    do {
      let snapshot = try await recorder.during("\(process) \(id)") {
        try await connection.open(skill: skill, intent: intent, attributes: attributes, id: id)
      }
      opening.session = snapshot.session
      opening.state = snapshot.state
      opening.returned = recorder.now
    } catch let ClientError.refused(code, message) {
      recorder.complain(Violation("refused", "\(process) could not open: \(code) \(message)"))
    } catch {
      // No answer before the end: it may be open or not.
    }
    recorder.note { [opening] in $0.openings.append(opening) }
    return opening.session
  }
}
