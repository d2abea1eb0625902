import Desk
import Kernel

/// A request that ends every connection on which it is sent would keep all others from being heard: it is found out, and
/// given up.
extension ClientConnection {
  /// How often a request may be the only one under way when the node ends the connection for what it was sent.
  static let cutsForCause = 3
  /// How often a long one may be under way when the connection breaks without a word, as proxies do it.
  static let cutsWithoutWord = 5
  /// Everybody takes frames of so many bytes.
  static let shortFrame = 8192

  /// The other side has ended the connection.
  /// - Returns: what is given up for it.
  mutating func suspect(closeCode: Int?) -> [ClientAction] {
    let underWay = requests.inOrder.filter { $0.sentAt != nil && $0.retryAt == nil }
    let lengths = underWay.map { (request: $0, bytes: $0.frame.encoded.count) }
    guard let longest = lengths.max(by: { $0.bytes < $1.bytes }) else { return [] }
    switch closeCode {
    case 1009 where longest.bytes > Self.leastTooBig:
      return giveUp(longest.request, .tooLong(longest.request.frame.saidBytes, most: limits.frameBytes))
    case 1002, 1003, 1007, 1008, 1009:
      return suspectCause(underWay, closeCode)
    case nil where longest.bytes > Self.shortFrame:
      let times = Self.cutsWithoutWord
      return cut(
        longest.request, most: times,
        .refused(
          code: "too_large",
          message: "\(times) connections broke while it was under way; what is between may not take so much"))
    default: return []
    }
  }

  /// Below this nothing is too long for anybody.
  private static let leastTooBig = 1024

  private mutating func suspectCause(_ underWay: [PendingRequest], _ code: Int?) -> [ClientAction] {
    guard underWay.count == 1, let only = underWay.first else {
      // One after the other, so that it shows which one it is.
      isCareful = true
      return []
    }
    return cut(
      only, most: Self.cutsForCause,
      .refused(
        code: "bad_frame",
        message:
          "the node closed the connection (\(code ?? 0)) each of the \(Self.cutsForCause) times it was sent"))
  }

  private mutating func cut(
    _ request: PendingRequest, most: Int, _ error: @autoclosure () -> ClientError
  ) -> [ClientAction] {
    guard request.cuts + 1 >= most else {
      requests.update(request.id) { $0.cuts += 1 }
      return []
    }
    return giveUp(request, error())
  }

  private mutating func giveUp(_ request: PendingRequest, _ error: ClientError) -> [ClientAction] {
    requests.remove(request.id)
    if let join = request.frame.join { seen[join.session.text] = nil }
    if let session = resumption.session(of: request.id) {
      resumption.answered(request.id)
      return [.emit(.historyLost(session: session))]
    }
    return [.resolve(id: request.id, .failed(error))]
  }

  /// What a node has said it does not take is not sent to it.
  mutating func giveUpTooLong() -> [ClientAction] {
    var actions: [ClientAction] = []
    for request in requests.inOrder {
      if let error = limits.refusal(of: request.frame) { actions += giveUp(request, error) }
    }
    return actions
  }

  /// Sends what waits for its turn: all of it, or one at a time as long as one of them is suspected.
  mutating func sendWaiting(at now: Instant) -> [ClientAction] {
    guard isReady else { return [] }
    var actions: [ClientAction] = []
    let all = requests.inOrder
    var isBusy = isCareful && all.contains { $0.sentAt != nil }
    for request in all where request.sentAt == nil {
      if isBusy { return actions }
      requests.update(request.id) { $0.sentAt = now }
      actions.append(.transmit(request.frame))
      isBusy = isCareful
    }
    // Whatever was under way together has had its own turn.
    if isCareful, !isBusy { isCareful = false }
    return actions
  }
}
