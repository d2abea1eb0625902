import Desk
import NIOCore
import Raft

/// Something that is going to happen at one moment of simulated time.
enum Happening {
  /// A node's timer.
  case tick(node: Int, life: Int)
  /// A frame reaches its receiver.
  case frame(Frame)
  /// A datagram of gossip reaches its receiver.
  case datagram(Datagram)
  /// The end of a turn that has waited for more to come in.
  case turn(node: Int, life: Int)
  /// The disk has finished the group of writes that it was at.
  case syncEnds(node: Int, life: Int)
  /// A full disk has room again, or a slow one is to be looked at again.
  case diskWakes(node: Int, life: Int)
  case chunkRead(node: Int, life: Int, ChunkRead)
  case snapshotWritten(node: Int, life: Int, OwnSnapshot)
  /// The connection of a node to a peer is gone.
  case linkLost(node: Int, life: Int, peer: NodeID)
  /// A request of a client reaches a node.
  case request(node: Int, ClientRequest)
  /// A node notices that the connection of an agent has ended.
  case hungUp(node: Int, life: Int, agent: AgentID, connection: UInt64)
  /// An answer reaches a client.
  case answer(client: Int, ClientAnswer)
  case clientActs(client: Int)
  case clientLosesPatience(client: Int, attempt: Int)
  /// The next fault is chosen.
  case fault
  /// A fault ends.
  case repair(Repair)
  /// The faults end, all of them.
  case calm
}

enum FrameKind: UInt8 { case raft, forward, refused }

/// Bytes on their way from one node to another.
struct Frame {
  var from: Int
  var to: Int
  var kind: FrameKind
  /// Frames of a connection that was reset do not arrive.
  var connection: Int
  var bytes: ByteBuffer
}

/// A datagram on its way.
struct Datagram {
  var from: Int
  var to: Int
  var bytes: [UInt8]
}

/// A snapshot that a node makes of its own state.
struct OwnSnapshot {
  var meta: SnapshotMeta
  var bytes: [UInt8]
  var tail: Int
}

/// What ends a fault that has begun.
enum Repair {
  case heal(generation: Int)
  case restart(node: Int, life: Int)
  case thaw(node: Int, life: Int)
  /// Somebody stops a node that is no longer a member.
  case stopIfRemoved(node: Int, life: Int)
  case diskHasRoom(node: Int)
  case diskIsFast(node: Int)
  case networkIsClean(generation: Int)
  /// Leadership goes to a node that has led before.
  case handBack(to: Int)
  /// The node is cut off from the others, not from its clients.
  case cutOff(node: Int)
}

enum ClientWish {
  case open(OpenSession)
  case send(SessionID, id: String, body: [UInt8])
  case close(SessionID)
  case transfer(SessionID, id: String, to: TransferSession.Target)
  case read(SessionID)
  case status(SetAgentStatus)
}

struct ClientRequest {
  var client: Int
  /// Which operation of the client; answers to earlier ones are of no interest any more.
  var operation: Int
  var person: Person
  var wish: ClientWish
}

struct ClientAnswer {
  enum Body {
    case done(Answer)
    /// Messages of the session, as numbers of their ids.
    case read([Int])
    /// Not now; nothing is known of what became of the request.
    case tryAgain
  }
  var operation: Int
  var body: Body
}
