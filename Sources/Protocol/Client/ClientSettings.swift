/// How a client connects and how patient it is.
public struct ClientSettings: Sendable {
  /// The nodes, tried in this order: `ws://host:port` or `http://host:port`, with TLS `wss://` or `https://`.
  public var urls: [String]
  /// Whether the other nodes that a welcome tells are tried, too, when the connection is lost.
  public var discoversNodes: Bool
  /// When to try again after a lost connection.
  public var backoff: Backoff
  /// Whether received messages are confirmed, so that the server sends again what got lost on a live connection.
  public var receipts: Bool
  /// How long a node may be silent with a request under way before another one is tried.
  public var patience: Duration
  /// How long a request may take, reconnections included; nil: as long as it takes.
  public var requestTimeout: Duration?
  /// How many requests may wait for their answer; more are refused with `busy`.
  public var maximumPending: Int
  /// How many events may wait for their listener; a listener that falls further behind loses the connection, and
  /// messages come again by resuming.
  public var eventBuffer: Int
  /// How long a connection has to stay before it counts as a good one, and the waits between tries begin anew; an answer
  /// to something new proves it, too.
  public var provenAfter: Duration

  /// - Parameters:
  ///   - urls: the nodes, tried in this order.
  ///   - discoversNodes: whether nodes that the cluster tells are tried, too.
  ///   - backoff: when to try again.
  ///   - receipts: whether received messages are confirmed.
  ///   - patience: how long a node may be silent with a request under way.
  ///   - requestTimeout: how long a request may take; nil: as long as it takes.
  ///   - maximumPending: how many requests may be under way.
  ///   - eventBuffer: how many events may wait for their listener.
  ///   - provenAfter: how long a connection has to stay to count as a good one.
  public init(
    urls: [String], discoversNodes: Bool = true, backoff: Backoff = Backoff(), receipts: Bool = true,
    patience: Duration = .seconds(2),
    requestTimeout: Duration? = nil, maximumPending: Int = 1024, eventBuffer: Int = 8192,
    provenAfter: Duration = .seconds(5)
  ) {
    self.urls = urls
    self.discoversNodes = discoversNodes
    self.backoff = backoff
    self.receipts = receipts
    self.patience = patience
    self.requestTimeout = requestTimeout
    self.maximumPending = maximumPending
    self.eventBuffer = eventBuffer
    self.provenAfter = provenAfter
  }
}
