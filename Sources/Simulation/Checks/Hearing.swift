package import Desk
import Protocol

/// What one connection was told of the sessions that it follows: in order, without a gap, nothing twice, and nothing of
/// it before a resume is answered. Whoever remembers the highest sequence and asks for what comes after it misses nothing.
/// The simulator looks at its clients with it, `verify` at those of real nodes.
package struct Hearing: Sendable {
  private enum State {
    /// A resume from there is on its way: nothing may be told of the session before it is answered, unless the client
    /// may follow it already.
    case resuming(after: UInt64, mayFollow: Bool)
    /// It was given to the agent on this connection, who hears it from its first message on, unless that was long ago:
    /// whoever had it until then and gets it back at once goes on behind what it heard last.
    case assigned(heard: UInt64?)
    /// Everything up to there was told.
    case following(upTo: UInt64)
    /// It cannot be said what is told in which order.
    case untold
  }

  private var states: [SessionID: State] = [:]
  /// The last message that was told of a session which is not followed any more.
  private var heardOfLeft: [SessionID: UInt64] = [:]

  package init() {}

  package mutating func resumes(_ session: SessionID, after: Sequence) {
    states[session] = .resuming(after: after.rawValue, mayFollow: false)
  }

  /// To be answered as a resume is. Whoever follows already, or asks twice, hears what was said from two sides.
  package mutating func joins(_ session: SessionID, after: Sequence) {
    if states[session] == nil { resumes(session, after: after) } else { states[session] = .untold }
  }

  /// The session was given to the agent on this connection.
  package mutating func assigned(_ session: SessionID) {
    switch states[session] {
    case nil: states[session] = .assigned(heard: heardOfLeft[session])
    case .resuming(let after, _): states[session] = .resuming(after: after, mayFollow: true)
    case .assigned, .following, .untold: break
    }
  }

  /// A `resume` or `join` was refused.
  package mutating func refused(_ session: SessionID) {
    switch states[session] {
    case .resuming(_, mayFollow: false): states[session] = nil
    case .resuming(_, mayFollow: true): states[session] = .untold
    // Another one may still be on its way, or was answered already.
    case nil, .assigned, .following, .untold: break
    }
  }

  /// The connection does not follow the session any more.
  package mutating func leaves(_ session: SessionID) {
    if case .following(let last)? = states[session] { heardOfLeft[session] = last }
    states[session] = nil
  }

  /// What comes next says nothing about the node: something is known to be wrong already.
  package mutating func distrusts(_ session: SessionID) { states[session] = .untold }

  /// A session that was opened on this connection is followed from its first message on.
  package mutating func opened(_ session: SessionID, at sequence: Sequence) {
    // Opened again while a resume is on its way: two who follow in one, of which each may bring everything.
    if case .resuming? = states[session] { return states[session] = .untold }
    if states[session] == nil { states[session] = .following(upTo: 0) }
  }

  package mutating func resumed(_ session: SessionID, recovered: Bool) {
    if case .untold? = states[session] { return }
    guard recovered, case .resuming(let after, _)? = states[session] else { return states[session] = nil }
    states[session] = .following(upTo: after)
  }

  /// - Returns: what is wrong; nil: nothing.
  package mutating func told(_ session: SessionID, _ message: Sequence) -> String? {
    switch states[session] {
    case nil:
      // Of what it does not begin with it knows how far it was told.
      heardOfLeft[session] = message.rawValue
      return nil
    case .untold, .resuming(_, mayFollow: true): return nil
    case .assigned(let heard):
      states[session] = .following(upTo: message.rawValue)
      return message.rawValue == 1 || message.rawValue == heard.map { $0 + 1 }
        ? nil : "is given \(session.rawValue) and told message \(message.rawValue) of it first"
    case .resuming:
      return "is told message \(message.rawValue) of \(session.rawValue) before its resume is answered"
    case .following(let last):
      guard message.rawValue == last + 1 else {
        return "is told message \(message.rawValue) of \(session.rawValue) after \(last)"
      }
      states[session] = .following(upTo: message.rawValue)
      return nil
    }
  }

  /// - Returns: what is wrong; nil: nothing.
  package mutating func acknowledged(_ session: SessionID, _ message: Sequence) -> String? {
    switch states[session] {
    case nil, .untold, .resuming(_, mayFollow: true): return nil
    case .assigned:
      // Given to the agent before this connection was there, it is not followed here.
      states[session] = message.rawValue == 1 ? .following(upTo: 1) : .untold
      return nil
    case .resuming:
      return "gets an ack for \(message.rawValue) of \(session.rawValue) before its resume is answered"
    case .following(let last):
      // A message that was sent before, on another connection, has its place already.
      if message.rawValue <= last { return nil }
      return told(session, message)
    }
  }
}
