package import Desk

/// What the replica hands to a gateway loop. Deliveries of one connection are to be sent in order.
package enum Delivery: Sendable {
  case reply(ConnectionID, tag: UInt32, Reply)
  /// One message of a session for all its followers on this loop, to be encoded once.
  case message(SessionID, Transcribed, to: [ConnectionID])
  case event(SessionID, SessionEvent, to: [ConnectionID])
  /// The connection is to say `goaway` and be closed after the delay.
  case goaway(ConnectionID, reason: String, node: String?, afterMilliseconds: Int)
  /// The same for every connection that is there, each after a random part of the time, to where it chooses. Whoever
  /// comes from now on may stay.
  case disperse(reason: String, withinMilliseconds: Int)
}

package enum Reply: Sendable {
  case opened(SessionSummary)
  case joined(SessionSummary)
  /// Messages that a join or resume brings, or a page of them (several may follow one another).
  case missed(SessionID, [Transcribed])
  /// recovered false: the client reads its history anew.
  case resumed(SessionID, recovered: Bool)
  /// Belongs to no request: the connection follows the session, and what was said in it before is too much to be brought.
  /// The client reads its history; what is said from now on comes by itself.
  case gap(SessionID)
  case acknowledged(SessionID, Sequence, time: UInt64)
  case done
  /// - Parameter isCut: see `TranscriptPage`.
  case history(SessionID, [Transcribed], more: Bool, isCut: Bool = false)
  /// To a `Query`.
  case answer(QueryAnswer)
  case failed(Failure)
}

/// One message as clients see it.
package struct Transcribed: Hashable, Sendable {
  package var sequence: Sequence
  package var id: String
  package var sender: Person
  package var kind: MessageKind
  /// UTF-8.
  package var body: [UInt8]
  /// ms since 1970.
  package var time: UInt64
  package init(
    sequence: Sequence, id: String, sender: Person, kind: MessageKind, body: [UInt8], time: UInt64
  ) {
    self.sequence = sequence
    self.id = id
    self.sender = sender
    self.kind = kind
    self.body = body
    self.time = time
  }
}

package struct SessionSummary: Hashable, Sendable {
  package enum State: String, Sendable { case queued, active, closed }
  package var session: SessionID
  package var state: State
  /// The last sequence.
  package var sequence: Sequence
  /// Place in the queue, from 1; 0 when it is not queued.
  package var position: Int
  package var etaMilliseconds: Int
  /// Of ten, one waits less than this range says, and one more; nil: nothing can be said.
  package var etaRange: ClosedRange<UInt64>?
  package var agents: [AgentID]
  package init(
    session: SessionID, state: State, sequence: Sequence, position: Int, etaMilliseconds: Int,
    etaRange: ClosedRange<UInt64>? = nil, agents: [AgentID]
  ) {
    self.session = session
    self.state = state
    self.sequence = sequence
    self.position = position
    self.etaMilliseconds = etaMilliseconds
    self.etaRange = etaRange
    self.agents = agents
  }
}

package enum SessionEvent: Hashable, Sendable {
  case queued(position: Int, etaMilliseconds: Int, range: ClosedRange<UInt64>? = nil)
  case assigned(AgentID, name: String)
  /// nil: nobody served it yet.
  case transferred(from: AgentID?, to: Transfer.Target)
  case closed(by: String, reason: String)
  case typing(by: String, name: String, isOn: Bool)
  case read(by: String, Sequence)
  /// Somebody of the session is connected now, or no longer.
  case presence(of: Person, isOnline: Bool)
  /// What an operation tells: see `SessionNews`.
  case news(NewsRecord)
}

/// A gateway loop as the replica sees it.
package protocol DeliverySink: AnyObject, Sendable {
  /// Called on the replica's thread, once per turn at most; the sink crosses over to its own loop by itself.
  func deliver(_ batch: [Delivery])
  /// Connections that it serves now. From any thread.
  var openConnections: Int { get }
}

/// The replica as gateways and the HTTP interface see it.
package protocol Cluster: AnyObject, Sendable {
  /// Takes requests of one gateway loop, in order. From any thread; the replica is woken at most once per turn.
  func submit(_ batch: [ClientRequest])
  /// Where deliveries for `sink` go. To be called before its first request.
  func attach(_ sink: any DeliverySink, as number: UInt16)
  /// What this node knows now; never waits for a quorum.
  func status() async -> ClusterStatus
  /// A session of a desk as of a linearizable read, or of this node's own state when `local` is set.
  /// - Parameter person: who asks, over HTTP: a customer who looks at an own session is there for a while after that.
  /// - Throws: `Failure` (`notFound`, `noQuorum`, `busy`).
  func session(
    _ id: SessionID, by person: Person, in desk: DeskName, local: Bool
  ) async throws -> SessionDetail
  /// - Parameter person: who reads them and may: where that is to be noted, it is before they are given.
  /// - Throws: `Failure` (`notFound`, `noQuorum`, `busy`).
  func messages(
    _ id: SessionID, by person: Person, in desk: DeskName, _ range: TranscriptRange, limit: Int, local: Bool
  ) async throws -> MessagePage
  /// A desk, or all of them, by name, as of a linearizable read, or of this node's own state when `local` is set.
  /// - Parameter name: nil: all.
  /// - Throws: `Failure` (`noQuorum`, `busy`).
  func desks(_ name: DeskName?, after: DeskName?, limit: Int, local: Bool) async throws -> DeskPage
  /// A part of all agents of a desk, sorted by id, as this node has them; none where there is no such desk.
  ///
  /// - Parameter after: only those behind this one; nil: from the first one on.
  func agents(in desk: DeskName, after: AgentID?, limit: Int) async -> AgentPage
  /// Tells a sink what happens in a desk from now on, for 30 seconds: ask again before they are over. A node has one sink,
  /// the last one.
  /// - Throws: `Failure` (`notFound`: there is no such desk; `busy`: too many are followed on this node).
  func follow(_ desk: DeskName, telling sink: any DeskNewsSink) async throws -> DeskFollowing
  /// Figures for the metrics page, read at one moment.
  func figures() async -> ReplicaFigures
  /// The names and client addresses of the members, for `welcome` and `goaway`.
  var members: [MemberAddress] { get }
  var thisNode: MemberAddress { get }
}
