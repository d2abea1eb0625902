import Protocol
import Simulation
import SwitchboardClient
import Synchronization

/// Looks at every frame of a participant, on all the connections that it has one after the other.
final class FrameWatch: Sendable {
  private let process: String
  private let recorder: Recorder
  private let hearing = Mutex(ConnectionHearing())

  init(process: String, recorder: Recorder) {
    self.process = process
    self.recorder = recorder
  }

  func saw(_ sighting: FrameSighting) {
    switch sighting {
    case .connected: hearing.withLock { $0 = ConnectionHearing() }
    case .sent(let frame): hearing.withLock { $0.sent(frame) }
    case .received(let frame):
      guard let problem = hearing.withLock({ $0.received(frame) }) else { return }
      let violation = Violation("misheard", session: frame.session, "\(process) \(problem)")
      recorder.note { $0.misheard.append(violation) }
    }
  }
}
