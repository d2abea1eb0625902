import Desk
package import Kernel
package import NIOCore
package import Raft

/// What the node that dials says first. Releases of level 1 take this layout and nothing longer; bytes behind it are
/// those of a newer release, and passed over. See `Announcement` for what else a greeting says.
package struct Hello: Hashable, Sendable {
  package static let longestCluster = 255

  /// The lowest that the node speaks.
  package var protocolVersion: UInt16
  package var lane: Lane
  /// The node that dials.
  package var from: NodeID
  /// The node that it means to reach.
  package var to: NodeID
  package var cluster: String

  package init(protocolVersion: UInt16, lane: Lane, from: NodeID, to: NodeID, cluster: String) {
    self.protocolVersion = protocolVersion
    self.lane = lane
    self.from = from
    self.to = to
    self.cluster = cluster
  }

  package func encode(into buffer: inout ByteBuffer) {
    buffer.writeMultipleIntegers(protocolVersion, lane.rawValue, from.rawValue, to.rawValue)
    buffer.write(sized: cluster)
  }

  /// Takes all of `buffer`.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decode(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> Hello {
    let protocolVersion = try buffer.takeUInt16()
    let number = try buffer.takeUInt8()
    guard let lane = Lane(rawValue: number) else { throw .invalid("lane \(number) is not known") }
    let from = NodeID(try buffer.takeUInt64())
    let to = NodeID(try buffer.takeUInt64())
    let cluster = try buffer.takeSizedString(limit: longestCluster)
    buffer.skipRest()
    return Hello(protocolVersion: protocolVersion, lane: lane, from: from, to: to, cluster: cluster)
  }
}

/// What the node that accepts says first: who it is, and whether it takes the connection. Its layout is as firm as that
/// of `Hello`.
package struct HelloReply: Hashable, Sendable {
  package static let longestExplanation = 512

  /// The one that is spoken on this connection; in a refusal the lowest that the node speaks.
  package var protocolVersion: UInt16
  /// The node that accepts.
  package var node: NodeID
  package var cluster: String
  /// nil: the connection is taken.
  package var refusal: HelloRefusal?
  /// For the log of the refused; empty when the connection is taken.
  package var explanation: String

  package init(
    protocolVersion: UInt16, node: NodeID, cluster: String, refusal: HelloRefusal? = nil,
    explanation: String = ""
  ) {
    self.protocolVersion = protocolVersion
    self.node = node
    self.cluster = cluster
    self.refusal = refusal
    self.explanation = explanation
  }

  package func encode(into buffer: inout ByteBuffer) {
    buffer.writeMultipleIntegers(protocolVersion, node.rawValue, refusal?.rawValue ?? 0)
    buffer.write(sized: cluster)
    buffer.write(sized: explanation.utf8.count <= Self.longestExplanation ? explanation : "")
  }

  /// Takes all of `buffer`.
  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made.
  package static func decode(_ buffer: inout ByteBuffer) throws(DecodingFailure) -> HelloReply {
    let protocolVersion = try buffer.takeUInt16()
    let node = NodeID(try buffer.takeUInt64())
    let number = try buffer.takeUInt8()
    // A reason that only newer releases know is still a refusal, and its explanation says why.
    let refusal = number == 0 ? nil : HelloRefusal(rawValue: number) ?? .other
    let cluster = try buffer.takeSizedString(limit: Hello.longestCluster)
    let explanation = try buffer.takeSizedString(limit: longestExplanation)
    buffer.skipRest()
    return HelloReply(
      protocolVersion: protocolVersion, node: node, cluster: cluster, refusal: refusal,
      explanation: explanation)
  }
}

/// Why a connection between nodes is not taken. 0 stands for none.
package enum HelloRefusal: UInt8, Sendable, CaseIterable {
  case otherCluster = 1
  /// They have no protocol version in common, or the node that dials reads no level that the cluster has come to.
  case otherProtocol = 2
  /// The node that dials is not a member that this node knows.
  case unknownNode = 3
  /// The node that dials has this node's own id.
  case ownNode = 4
  /// The node that dials means to reach another node: an address is wrong.
  case notTheTarget = 5
  /// The certificate does not name the node that dials.
  case otherCertificate = 6
  /// One that this build does not know. Never sent by it.
  case other = 255
}
