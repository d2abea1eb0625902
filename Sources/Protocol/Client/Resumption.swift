import Desk
internal import Kernel

/// What a client resumes on a new connection: as much as fits into its `hello`, and the rest by `join`, a few at a time. A node
/// ends the connection at a `hello` that is longer than it takes, and says how long that is only in its welcome.
struct Resumption: Sendable {
  /// Sessions that one `hello` resumes at the most.
  static let mostInHello = 1_000
  /// So many `join` wait for their answer at a time: fewer than any node keeps open for a connection.
  static let atOnce = 8
  /// Beside its points a `hello` has their name and the brackets.
  private static let brackets = #","resume":[]"#.utf8.count

  /// The most bytes of a `hello`: what the last node has said, or less where that was too much.
  private var frameBytes = ClientConnection.shortFrame
  /// Of the `hello` that has no answer yet, if it has points.
  private var helloBytes = 0
  /// Sessions that are to be joined, the next one last.
  private var waiting: [String] = []
  /// By the ids of their requests, which nobody else waits for.
  private var underWay: [String: String] = [:]

  /// Puts as many points into the `hello` as fit: those of the sessions that were opened last. A session's id is a number
  /// that rises.
  ///
  /// - Parameter points: in the order in which they are to be resumed.
  mutating func begin(_ hello: inout ClientHello, _ points: [SentFrame.ResumePoint]) {
    var room = frameBytes - SentFrame(hello).encoded.count - Self.brackets
    let newest = points.sorted { ($0.session.utf8.count, $0.session) > ($1.session.utf8.count, $1.session) }
    var fitting: Set<String> = []
    for point in newest {
      room -= Self.bytes(of: point)
      if room < 0 || fitting.count == Self.mostInHello { break }
      fitting.insert(point.session)
    }
    waiting = newest.lazy.map(\.session).filter { !fitting.contains($0) }.reversed()
    let resumed = points.filter { fitting.contains($0.session) }
    hello.resume = resumed.isEmpty ? nil : resumed
    helloBytes = resumed.isEmpty ? 0 : SentFrame(hello).encoded.count
  }

  /// With the comma behind it.
  private static func bytes(of point: SentFrame.ResumePoint) -> Int {
    var hello = ClientHello(token: "")
    let without = SentFrame(hello).encoded.count + brackets
    hello.resume = [point]
    return SentFrame(hello).encoded.count - without + 1
  }

  /// A node that does not say what it takes takes as much as the one before.
  mutating func welcomed(_ limits: ServerLimits) {
    helloBytes = 0
    if let bytes = limits.frameBytes { frameBytes = bytes }
  }

  /// The connection has ended.
  ///
  /// - Parameter isTooLong: the node has ended it for what it was sent, and that was the `hello`: the next one is half as
  ///   long.
  /// - Returns: the ids of requests that nobody waits for any more; the next connection begins anew.
  mutating func end(isTooLong: Bool) -> [String] {
    if isTooLong, helloBytes > 0 { frameBytes = min(frameBytes, helloBytes) / 2 }
    helloBytes = 0
    waiting = []
    defer { underWay = [:] }
    return Array(underWay.keys)
  }

  /// Somebody else joins it.
  mutating func leaveOut(_ session: String) {
    if let place = waiting.lastIndex(of: session) { waiting.remove(at: place) }
  }

  /// - Returns: the session that is to be joined next; nil: none, or enough are under way.
  mutating func next() -> String? { underWay.count < Self.atOnce ? waiting.popLast() : nil }

  mutating func putBack(_ session: String) { waiting.append(session) }

  mutating func began(_ session: String, _ id: String) { underWay[id] = session }

  /// - Returns: the session that was asked for by this request; nil: it is not one of these.
  func session(of id: String) -> String? { underWay[id] }

  mutating func answered(_ id: String) { underWay[id] = nil }
}

extension ClientConnection {
  /// Joins more of what did not fit into the `hello`.
  mutating func resumeMore() {
    guard isReady else { return }
    while let session = resumption.next() {
      guard let set = seen[session], !ended.contains(session), let number = SessionID(text: session) else {
        continue
      }
      let frame = SentFrame(
        Join(session: number, after: Sequence(set.contiguousEnd)), id: "~resume-\(session)")
      do throws(ClientError) {
        try requests.add(PendingRequest(frame: frame))
      } catch {
        // As many requests wait as may: what is answered makes room.
        return resumption.putBack(session)
      }
      resumption.began(session, frame.id ?? "")
    }
  }

  /// The answer to a `join` of `resumeMore`.
  mutating func resumed(_ session: String, _ id: String, by frame: ReceivedFrame, at now: Instant)
    -> [ClientAction]
  {
    if frame.type == "error", putOff(id, frame, at: now) != nil { return [] }
    requests.remove(id)
    resumption.answered(id)
    if frame.type == "error" {
      // As of one that the `hello` asked for, whose error has no id; and what was said there meanwhile is not known.
      forgetLater(session)
      return [
        .emit(.serverError(code: frame.code ?? "error", message: frame.message ?? "")),
        .emit(.historyLost(session: session)),
      ]
    }
    var actions: [ClientAction] = []
    if frame.recovered == false { actions += lost(session) }
    if frame.state == "closed" {
      forgetLater(session)
      actions.append(.emit(.closed(session: session, by: "", reason: "")))
    }
    return actions
  }
}
