import Node
import Protocol
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
  /// The archive of a node has written what it had to.
  case archiveWrites(node: Int, life: Int)
  /// It has read what another one asks for.
  case archiveReads(node: Int, life: Int, ArchivePageRead)
  /// The connection of a node to a peer is gone.
  case linkLost(node: Int, life: Int, peer: NodeID)
  /// A received snapshot was read and can take the state's place.
  case snapshotLoaded(node: Int, life: Int, SnapshotMeta)
  /// A node tries to connect to a peer.
  case dial(node: Int, life: Int, peer: Int)
  /// Bytes of a client reach its node, then the end of its stream.
  case bytesUp(node: Int, connection: UInt64, [UInt8])
  case endsUp(node: Int, connection: UInt64)
  /// A node's end of a connection has something to do.
  case gatewayWakes(node: Int, connection: UInt64)
  /// Bytes of a node reach a client, then the end of the stream.
  case bytesDown(client: Int, connection: UInt64, [UInt8])
  case endsDown(client: Int, connection: UInt64)
  case clientConnects(client: Int)
  /// A client's end of its connection has something to do.
  case clientWakes(client: Int)
  case clientActs(client: Int)
  /// The caller asks again; what it has asked is over.
  case calls
  case callEnds
  /// The next fault is chosen.
  case fault
  /// A fault ends.
  case repair(Repair)
  /// The faults end, all of them.
  case calm
}

/// What is on its way from one node to another.
struct Frame {
  var from: Int
  var to: Int
  /// Frames of a connection that was reset do not arrive.
  var connection: Int
  var content: PeerContent
  /// What the sender had told of itself on this connection before, if it had: on one connection nothing overtakes it.
  var told: NodeNotice?
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
  /// Somebody sees that a node waits in vain with a wrong configuration file.
  case correctFile(node: Int, life: Int)
  /// A node that has begun a cluster of its own is emptied, and joins.
  case gatherIn(node: Int)
  /// The node loses its disk and is told to begin a cluster, and the leader goes.
  case beginAgain(node: Int, life: Int, leader: Int)
  /// A copy of the node's disk takes its place; and somebody looks at what has become of that.
  case putBack(node: Int, store: Int, tries: Int)
  case lookAtCopy(node: Int)
  case networkIsClean(generation: Int)
  /// Leadership goes to a node that has led before.
  case handBack(to: Int)
  /// The node is cut off from the others, not from its clients.
  case cutOff(node: Int)
}
