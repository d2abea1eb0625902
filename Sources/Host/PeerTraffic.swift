import Kernel
import Logging
import NIOCore
import Node
import Peering
import Protocol
import Raft
import Wire

/// Frames of peers, from bytes and to bytes. A frame that cannot be read is dropped and logged: the sender repeats what
/// matters.
extension NodeDriver: PeerEvents {
  func received(_ type: FrameType, _ payload: ByteBuffer, from peer: NodeID, lane: Lane) {
    guard isRunning else { return }
    var payload = payload
    do {
      var unknown: [UInt8] = []
      guard let content = try PeerContent(type, &payload, unknown: &unknown) else { return }
      passedOver(unknown, from: peer)
      take(.peer(content, from: peer), .frames)
    } catch {
      logger.warning(
        "a frame of a peer cannot be read",
        metadata: ["peer": "\(name(of: peer))", "error": "\(error)"])
    }
  }

  /// A newer release has kinds of messages that this one does not know: the rest of their frame is taken.
  private func passedOver(_ kinds: [UInt8], from peer: NodeID) {
    for kind in kinds where unknownMessages.see(kind) {
      logger.warning(
        "a message of a kind that this release does not know is passed over, as are others like it",
        metadata: ["peer": "\(name(of: peer))", "kind": "\(kind)"])
    }
  }

  func linkUp(_ peer: NodeID, lane: Lane) {
    if lane == .control { take(.linkUp(peer, network.level(of: peer) ?? .first)) }
  }

  func linkDown(_ peer: NodeID, lane: Lane, reason: LinkEnd) {
    if lane == .control { take(.linkDown(peer, refused: reason == .refused)) }
  }

  func inboundLost(_ peer: NodeID, lane: Lane, reason: LinkEnd) {
    if lane == .control { take(.inboundLost(peer)) }
  }

  func turnEnded() {}

  func connect(to members: [MemberAddress]) {
    network.replacePeers(Self.peers(members, without: options.node.thisNode.id))
    tellMembersToGossip()
  }

  static func peers(_ members: [MemberAddress], without id: UInt64) -> [PeerAddress] {
    members.compactMap { member in
      guard member.id != id, let (host, port) = member.peerHostAndPort else { return nil }
      return PeerAddress(id: NodeID(member.id), host: host, port: port)
    }
  }

  func name(of node: NodeID) -> String {
    members.current.first { $0.id == node.rawValue }?.name ?? "node\(node)"
  }
}

extension PeerContent {
  /// nil: nothing for the node, or of a newer one.
  ///
  /// - Parameter unknown: kinds of messages that were passed over.
  fileprivate init?(_ type: FrameType, _ payload: inout ByteBuffer, unknown: inout [UInt8]) throws {
    switch type {
    case .raft, .chunk:
      let (group, messages, kinds) = try RaftCodec.decode(&payload)
      unknown = kinds
      guard group == .main else { return nil }
      self = type == .raft ? .raft(messages) : .chunk(messages)
    case .forward: self = .forward(try ForwardCodec.decodeForwards(&payload))
    case .refused: self = .refused(try ForwardCodec.decodeRefusals(&payload))
    case .signal where AttendanceCodec.isMarked(payload):
      guard let content = try AttendanceCodec.decode(&payload) else { return nil }
      self = .attendance(content)
    case .signal: self = .signals(try SignalCodec.decode(&payload))
    case .notice: self = .notice(try NodeNotice.decode(&payload))
    case .archive:
      guard let talk = try ArchiveCodec.decode(&payload) else { return nil }
      self = .archive(talk)
    case .hello, .helloReply, .ping, .pong, .forwardReply: return nil
    }
  }
}

extension PeerNetwork {
  /// - Returns: false when the frame was dropped: no connection, a full queue, or a payload above the limit.
  func send(_ frame: PeerFrame) -> Bool {
    let level = level(of: frame.to) ?? .first
    return switch frame.content {
    case .raft(let messages):
      send(.raft, to: frame.to, lane: .control) { RaftCodec.encode(messages, group: .main, into: &$0) }
    case .chunk(let messages):
      send(.chunk, to: frame.to, lane: .bulk) { RaftCodec.encode(messages, group: .main, into: &$0) }
    case .forward(let batch):
      send(.forward, to: frame.to, lane: .control) {
        ForwardCodec.encode(batch.forwards, into: &$0, for: level)
      }
    case .refused(let refusals):
      send(.refused, to: frame.to, lane: .control) { ForwardCodec.encode(refusals, into: &$0) }
    case .signals(let signals):
      send(.signal, to: frame.to, lane: .control) { SignalCodec.encode(signals, into: &$0) }
    case .attendance(let content):
      send(.signal, to: frame.to, lane: .control) { AttendanceCodec.encode(content, into: &$0) }
    case .archive(let talk):
      send(.archive, to: frame.to, lane: frame.content.isBulk ? .bulk : .control) {
        ArchiveCodec.encode(talk, into: &$0)
      }
    case .notice(let notice):
      send(.notice, to: frame.to, lane: .control) { notice.encode(into: &$0, for: level) }
    }
  }
}
