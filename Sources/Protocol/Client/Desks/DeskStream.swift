package import Kernel

/// One who follows a desk at one node after the other, as a value: where the next try goes, what it asks for, what is told of
/// what comes. Bytes, time and the ends of answers go in; actions come out.
package struct DeskStream: Sendable {
  package enum Action: Sendable, Equatable {
    /// For the listener.
    case emit(DeskFollowerEvent)
    /// Ends the connection; another try follows.
    case disconnect(reason: String)
  }

  /// What to ask a node for.
  package struct Request: Sendable, Equatable {
    /// With the path below which a proxy serves the node.
    package var target: String
    package var headers: [(name: String, value: String)]

    package static func == (left: Request, right: Request) -> Bool {
      left.target == right.target && left.headers.elementsEqual(right.headers, by: ==)
    }
  }

  private enum Phase: Sendable, Equatable {
    case away
    /// Asked, and not answered yet.
    case asking(since: Instant)
    case following(since: Instant)
    /// What the node says instead, up to its bound.
    case refused(status: Int, wait: Span?, words: [UInt8])
    /// The node's last word has come.
    case ended
    case over(ClientError)
  }

  /// A node says something every five seconds; one that is frozen does not.
  static let silence = Span.seconds(15)
  /// A node that can go on with a stream which has ended is asked again after this.
  static let pause = Span.milliseconds(100)
  /// A listener that is too slow has this long to catch up.
  static let respite = Span.seconds(1)
  /// Of a refusal; the rest is not read.
  static let longestRefusal = 1 << 16

  private let settings: ClientSettings
  private let desk: String?
  private var phase = Phase.away
  private var route: NodeRoute
  private var stream = EventStream()
  /// The id of the last update that the listener has.
  private var last: String?
  private var wasConnected = false
  private var lastHeard = Instant.zero
  /// The node goes on where it was, if it is asked again at once: what it has kept, another one may not have.
  private var staysAfter: Span?

  /// - Parameters:
  ///   - desk: nil: that of the token.
  ///   - id: of the last update that was had; nil: none.
  package init(settings: ClientSettings, desk: String?, after id: String?) {
    (self.settings, self.desk, last) = (settings, desk, id)
    route = NodeRoute(urls: settings.urls, backoff: settings.backoff, discovers: false)
  }

  /// The node of the next try, or of this one.
  package var current: String { route.current }

  /// Why there is no other try; nil: there is.
  package var end: ClientError? { if case .over(let error) = phase { error } else { nil } }

  // MARK: One answer

  /// A connection is there: asks.
  package mutating func connected(to url: NodeURL, token: String, at now: Instant) -> Request {
    phase = .asking(since: now)
    (lastHeard, staysAfter, stream) = (now, nil, EventStream())
    var headers = [
      ("Host", url.authority), ("Authorization", "Bearer \(token)"), ("Accept", "text/event-stream"),
    ]
    if let last { headers.append(("Last-Event-ID", last)) }
    return Request(target: url.path + "/v1/events" + (desk.map { "?desk=\($0)" } ?? ""), headers: headers)
  }

  /// The head of the answer.
  /// - Parameter retryAfter: what the node says of when to come back, in seconds.
  package mutating func answered(status: Int, retryAfter: Int?, at now: Instant) -> [Action] {
    guard case .asking = phase else { return [] }
    lastHeard = now
    guard status == 200 else {
      phase = .refused(status: status, wait: retryAfter.map { .seconds(Int64(min(max($0, 0), 60))) }, words: [])
      return []
    }
    phase = .following(since: now)
    let resumed = wasConnected
    wasConnected = true
    return [.emit(.connected(url: route.current, resumed: resumed))]
  }

  /// Bytes of the answer.
  package mutating func received(_ bytes: some Sequence<UInt8>, at now: Instant) -> [Action] {
    lastHeard = now
    if case .refused(let status, let wait, var words) = phase {
      words += bytes.prefix(Self.longestRefusal - words.count)
      phase = .refused(status: status, wait: wait, words: words)
      return []
    }
    guard case .following = phase else { return [] }
    var actions: [Action] = []
    for event in stream.append(bytes) { actions += take(event) }
    if stream.isOverlong {
      actions.append(.disconnect(reason: "the node sent what is no stream of events"))
    }
    return actions
  }

  private mutating func take(_ event: EventStream.Event) -> [Action] {
    // Behind the last word there is none.
    guard case .following = phase else { return [] }
    switch event.name {
    case "end":
      // A node that stops, and one that has forgotten the desk, are not asked again at once.
      let mayStay = event.data.contains("\"time\"") || event.data.contains("\"slow\"")
      staysAfter = mayStay ? Self.pause : nil
      phase = .ended
      return [.disconnect(reason: "the node ended the stream")]
    // Its id is that of the state behind it: noted when that has come.
    case "missed": return [.emit(.missed)]
    default: return DeskUpdate(event).map { [.emit(.update($0))] } ?? []
    }
  }

  /// The listener has an update: the next stream begins behind it.
  package mutating func delivered(_ update: DeskUpdate) { last = update.id }

  /// The listener has no room: the connection is to be ended, and what it still brings comes by the next one.
  package mutating func overrun() {
    phase = .ended
    staysAfter = Self.respite
  }

  // MARK: Time

  /// Does what is due. To be called now and then.
  package mutating func tick(at now: Instant) -> [Action] {
    switch phase {
    case .asking(let since) where since + Span(settings.patience) <= now:
      return [.disconnect(reason: "no answer within \(Span(settings.patience).milliseconds) ms")]
    case .following(let since):
      if lastHeard + Self.silence <= now {
        return [.disconnect(reason: "silent for \((now - lastHeard).milliseconds) ms")]
      }
      // It has proved itself by staying, and goes on with what it has kept when only the connection breaks.
      if since + Span(settings.provenAfter) <= now {
        route.proved()
        staysAfter = Self.pause
      }
      return []
    case .refused where lastHeard + Span(settings.patience) <= now: return [.disconnect(reason: "refused")]
    case .away, .asking, .refused, .ended, .over: return []
    }
  }

  // MARK: The end of a connection

  /// The connection has ended, or could not be made.
  /// - Returns: the wait before the next try; nil: there is none.
  package mutating func disconnected(
    reason: String, using generator: inout some RandomNumberGenerator
  ) -> (wait: Span?, actions: [Action]) {
    var reason = reason
    var asked: Span?
    switch phase {
    case .over: return (nil, [])
    case .refused(let status, let wait, let words):
      let error = Self.refusal(status, words)
      guard [429, 502, 503, 504].contains(status) else {
        finish(error)
        return (nil, [])
      }
      (reason, asked) = (error.description, wait)
    case .away, .asking, .following, .ended: break
    }
    phase = .away
    if let staysAfter {
      route.goaway(to: nil, at: route.current, afterMilliseconds: Int(staysAfter.milliseconds))
    }
    staysAfter = nil
    let wait = max(route.nextWait(using: &generator), asked ?? .zero)
    return (
      wait, [.emit(.disconnected(reason: reason, retryInMilliseconds: Int(wait.milliseconds)))]
    )
  }

  /// Nothing more is tried.
  package mutating func finish(_ error: ClientError) {
    if case .over = phase { return }
    phase = .over(error)
  }

  /// As the node's problem document says it.
  private static func refusal(_ status: Int, _ words: [UInt8]) -> ClientError {
    let problem = Problem.fields.reading(String(decoding: words, as: UTF8.self))
    return .refused(
      code: problem?.code ?? "http_\(status)",
      message: problem?.detail ?? "The node has answered with status \(status).")
  }
}
