import Desk
import Protocol

/// What one connection was told of the sessions that it follows: in order, without a gap, nothing twice, and nothing of
/// it before a resume is answered. Whoever remembers the highest sequence and asks for what comes after it misses nothing.
struct Hearing {
  private enum State {
    /// A resume from there is on its way: nothing may be told of the session before it is answered.
    case resuming(after: UInt64)
    /// Everything up to there was told.
    case following(upTo: UInt64)
    /// It cannot be said what is told in which order.
    case untold
  }

  private var states: [SessionID: State] = [:]

  mutating func resumes(_ session: SessionID, after: Sequence) {
    states[session] = .resuming(after: after.rawValue)
  }

  /// A session that was opened on this connection is followed from its first message on.
  mutating func opened(_ session: SessionID, at sequence: Sequence) {
    // Opened again while a resume is on its way: two who follow in one, of which each may bring everything.
    if case .resuming? = states[session] { return states[session] = .untold }
    if states[session] == nil { states[session] = .following(upTo: 0) }
  }

  mutating func resumed(_ session: SessionID, recovered: Bool) {
    if case .untold? = states[session] { return }
    guard recovered, case .resuming(let after)? = states[session] else { return states[session] = nil }
    states[session] = .following(upTo: after)
  }

  /// - Returns: what is wrong; nil: nothing.
  mutating func told(_ session: SessionID, _ message: Sequence) -> String? {
    switch states[session] {
    case nil, .untold: return nil
    case .resuming: return "is told message \(message) of \(session) before its resume is answered"
    case .following(let last):
      guard message.rawValue == last + 1 else {
        return "is told message \(message) of \(session) after \(last)"
      }
      states[session] = .following(upTo: message.rawValue)
      return nil
    }
  }

  /// - Returns: what is wrong; nil: nothing.
  mutating func acknowledged(_ session: SessionID, _ message: Sequence) -> String? {
    switch states[session] {
    case nil, .untold: return nil
    case .resuming: return "gets an ack for \(message) of \(session) before its resume is answered"
    case .following(let last):
      // A message that was sent before, on another connection, has its place already.
      if message.rawValue <= last { return nil }
      return told(session, message)
    }
  }

  func highest(_ session: SessionID) -> Sequence? {
    if case .following(let last)? = states[session] { return Sequence(last) }
    return nil
  }
}
