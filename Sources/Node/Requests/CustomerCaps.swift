import Desk
import Protocol

/// What one customer may take of the cluster's memory, and how large a session may become. A node looks before it lets a
/// request into the log, by counts that are the same on all nodes but for what is under way: see docs/decisions/0011.
/// 0: no bound.
package struct CustomerCaps: Sendable {
  package var openSessions = 100
  /// Sessions opened in an hour of the clock.
  package var opensPerHour = 600
  /// What is said, and attributes, in an hour of the clock.
  package var bytesPerHour = 256 << 20
  package var sessionMessages = 1_000_000
  /// Of a session's messages with their ids, by whomever.
  package var sessionBytes = 64 << 20

  package init() {}

  /// Whether what the customer has said elsewhere has to be known before so many bytes more are said in a session. Each look
  /// at the table waits for memory: under a large cap a small message goes by what was found for the one before it, and
  /// an open session can take a KiB above it.
  func needUse(saying bytes: Int, in size: SessionSize) -> Bool {
    bytesPerHour > 0 && (bytesPerHour < 1 << 20 || !size.staysUncounted(adding: bytes))
  }

  /// - Parameters:
  ///   - pending: requests of this customer to open a session that are under way from this node.
  ///   - now: ms since 1970.
  /// - Returns: why no session may be opened; nil: it may.
  func failure(opening use: CustomerUse, pending: Int, now: UInt64) -> Failure? {
    if openSessions > 0, use.openSessions + pending >= openSessions {
      return Failure(
        .busy, "you have \(use.openSessions) open sessions, and \(openSessions) are allowed: close one first",
        retryAfterMilliseconds: 10_000, isOfAsker: true)
    }
    if opensPerHour > 0, use.opened + pending >= opensPerHour {
      return Failure(
        .rateLimited, "you have opened \(use.opened) sessions in this hour, and \(opensPerHour) are allowed",
        retryAfterMilliseconds: Self.untilNextHour(now))
    }
    return failure(taking: 0, use, now: now)
  }

  /// - Parameters:
  ///   - use: nil: somebody who is no customer.
  ///   - size: of the session.
  func failure(saying bytes: Int, _ use: CustomerUse?, in size: SessionSize, now: UInt64)
    -> Failure?
  {
    if sessionMessages > 0, size.messages >= sessionMessages {
      return Failure(
        .tooLarge, "the session is full: it has \(sessionMessages) messages; close it and open another one")
    }
    if sessionBytes > 0, size.bytes + bytes > sessionBytes {
      return Failure(
        .tooLarge,
        "the session is full: it has \(size.bytes) of \(sessionBytes) bytes; close it and open another one")
    }
    return use.flatMap { failure(taking: bytes + size.uncounted, $0, now: now) }
  }

  private func failure(taking bytes: Int, _ use: CustomerUse, now: UInt64) -> Failure? {
    guard bytesPerHour > 0, use.bytes + bytes > bytesPerHour else { return nil }
    return Failure(
      .rateLimited, "you have said \(use.bytes) bytes in this hour, and \(bytesPerHour) are allowed",
      retryAfterMilliseconds: Self.untilNextHour(now))
  }

  private static func untilNextHour(_ now: UInt64) -> Int {
    Int(CustomerUse.hourMilliseconds - now % CustomerUse.hourMilliseconds)
  }
}

extension Node {
  /// nil: the customer may open a session, or has opened it with this very request.
  func openFailure(_ customer: Person, of number: DeskNumber, _ request: String) -> Failure? {
    let now = logClock.milliseconds
    let failure = configuration.caps.failure(
      opening: state.use(ofCustomer: customer.id, in: number, at: now),
      pending: pending.openings(by: customer.id, of: number), now: now)
    guard failure != nil, !state.isOpened(by: customer.id, in: number, requestID: request) else { return nil }
    return failure
  }

  /// For a message that is not there already. nil: there is room for it.
  func roomFailure(_ person: Person, _ session: SessionID, bytes: Int) -> Failure? {
    let now = logClock.milliseconds
    guard let size = state.size(of: session, at: now) else { return nil }
    let caps = configuration.caps
    let isLookedUp = person.role == .customer && caps.needUse(saying: bytes, in: size)
    let use = isLookedUp ? state.use(ofCustomer: person.id, in: session.desk, at: now) : nil
    return caps.failure(saying: bytes, use, in: size, now: now)
  }
}
