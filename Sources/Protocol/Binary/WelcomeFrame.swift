package import Desk

package struct WelcomeFrame: ServerFrame {
  package static let type = BinaryFrameType.welcome

  package struct Node: Sendable {
    var name: String
    var url: String

    static let fields = Fields(
      Self.init(name:url:),
      Field(1, "id", { $0.name }, .text(256), "Its name."),
      Field(2, "client_url", { $0.url }, .text(1_024), "Where it takes clients."))
  }

  package struct Limits: Sendable {
    var body: UInt64?
    var frame: UInt64?

    static let fields = Fields(
      Self.init(body:frame:),
      Field(1, "body_bytes", { $0.body }, .optional(.number), "Bytes of a message's body."),
      Field(2, "frame_bytes", { $0.frame }, .optional(.number), "Bytes of a whole frame."))
  }

  var connection: String
  var node: String
  var user: String
  var role: UserRole
  var heartbeat: UInt64
  var nodes: [Node]
  var limits: Limits
  var time: UInt64

  package static let fields = Fields(
    Self.init(connection:node:user:role:heartbeat:nodes:limits:time:),
    Field(1, "connection", { $0.connection }, .text(32), "What this node calls the connection."),
    Field(2, "node", { $0.node }, .text(256), "The node's name."),
    Field(3, "user", { $0.user }, .text(128), "The `sub` of the token."),
    Field(4, "role", { $0.role }, .role, "That of the token."),
    Field(5, "heartbeat_ms", { $0.heartbeat }, .number, "How often it pings."),
    Field(
      6, "nodes", { $0.nodes }, .list(of: .record(Node.fields), upTo: 1_024), "The members of the cluster."),
    Field(7, "limits", { $0.limits }, .record(Limits.fields), "What this node takes."),
    Field(8, "time", { $0.time }, .number, "Its clock, in ms since 1970."))
}

extension WelcomeFrame {
  init(
    connection: UInt64, node: String, person: Person, heartbeatMilliseconds: Int, nodes: [MemberAddress],
    limits: ServerLimits, time: UInt64
  ) {
    self.init(
      connection: String(connection), node: node, user: person.id, role: person.role,
      heartbeat: UInt64(max(0, heartbeatMilliseconds)),
      nodes: nodes.map { Node(name: $0.name, url: $0.clientURL) },
      limits: Limits(
        body: limits.bodyBytes.map { UInt64(max(0, $0)) }, frame: limits.frameBytes.map { UInt64(max(0, $0)) }),
      time: time)
  }
}
