package import Kernel

/// The node's end of one client's byte stream: bytes, verdicts, deliveries and time go in, bytes and requests come out.
/// It is `ServerConnection` with what it keeps for itself, for whoever has one connection at a time, as a simulator has;
/// a gateway's loop shares buffers and budgets among thousands instead.
package struct ServerEndpoint: ~Copyable {
  private var connection: ServerConnection
  private let rules: ConnectionRules
  /// Of the client's address: whoever has several connections of one address carries it from one to the other.
  package var addressBudget: TokenBucket
  private var output = ConnectionOutput()
  /// What has come and was not taken yet.
  private var kept: [UInt8] = []

  /// - Parameter bearer: the token of the upgrade's Authorization header, if there was one.
  package init(id: ConnectionID, bearer: String? = nil, rules: ConnectionRules, now: Moment) {
    connection = ServerConnection(id: id, bearer: bearer, rules: rules, now: now)
    self.rules = rules
    addressBudget = TokenBucket(burst: rules.limits.addressRequestBurst, now: now.instant)
  }

  package var id: ConnectionID { connection.id }
  package var isOpen: Bool { connection.isOpen }

  /// When `tick` is to be called next.
  package var deadline: Instant { connection.deadline }

  // MARK: What goes in

  /// Bytes of the client, in pieces of any size.
  package mutating func receive(_ bytes: some Sequence<UInt8>, now: Moment) {
    guard connection.isListening else { return }
    kept.append(contentsOf: bytes)
    takeKept(now: now)
  }

  private mutating func takeKept(now: Moment) {
    let bytes = kept
    let taken = bytes.withUnsafeBytes {
      connection.receive($0, now: now, addressBudget: &addressBudget, into: &output)
    }
    kept = connection.isListening ? Array(bytes[taken...]) : []
  }

  /// What became of the token that `takeToken` gave.
  package mutating func decide(_ verdict: Verdict, node: String, members: [MemberAddress], now: Moment) {
    connection.decide(verdict, node: node, members: members, now: now, into: &output)
    // What the client sent behind its hello.
    takeKept(now: now)
  }

  /// What the node has for this connection. A delivery for others as well is taken as one for this one.
  /// - Parameter members: where clients may connect.
  package mutating func take(_ delivery: Delivery, members: [MemberAddress], now: Moment) {
    switch delivery {
    case .reply(_, let tag, let reply): connection.reply(tag, reply, now: now, into: &output)
    case .message(let session, let message, _): connection.send(session, message, now: now, into: &output)
    case .event(let session, let event, _):
      var encoded = EncodedEvent(session, event, at: now.wall)
      connection.event(&encoded, into: &output)
    case .goaway(_, let reason, let node, let delay):
      let url = node.flatMap { name in members.first { $0.name == name }?.clientURL }
      connection.goaway(
        reason: reason, node: node, url: url, afterMilliseconds: delay, now: now, into: &output)
    case .disperse(let reason, let spread):
      // Whoever drives this has the chance that belongs to it: the whole time is one of the possible delays.
      connection.goaway(
        reason: reason, node: nil, url: nil, afterMilliseconds: spread, now: now, into: &output)
    }
  }

  package mutating func tick(now: Moment) { connection.tick(now: now, into: &output) }

  /// The stream has ended.
  package mutating func disconnected() {
    kept = []
    connection.disconnected(into: &output)
  }

  // MARK: What comes out

  /// The bytes for the client, each given once.
  package mutating func takeBytes() -> [UInt8] {
    defer { output.frames.clear() }
    return output.frames.bytes
  }

  /// Requests for the node, in order, each given once.
  package mutating func takeRequests() -> [ClientRequest] {
    defer { output.requests = [] }
    return output.requests
  }

  /// A token to be verified; given once.
  package mutating func takeToken() -> String? {
    defer { output.token = nil }
    return output.token
  }

  /// What is to become of the stream, once the bytes are written; given once.
  package mutating func takeEnding() -> ConnectionOutput.Ending? {
    defer { output.ending = nil }
    return output.ending
  }
}
