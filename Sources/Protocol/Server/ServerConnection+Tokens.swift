import Desk
import Kernel

/// The token of a connection that lives: how long it lasts, and the one that takes its place.
extension ServerConnection {
  /// `hello` again. Its `resume` and `receipts` counted in the first one alone.
  mutating func renew(
    _ frame: some RequestFrame, id: String, into output: inout ConnectionOutput
  ) throws(Failure) {
    guard let token = try frame.hello().token, !token.isEmpty else {
      throw Failure(.badFrame, "`hello` was said already; said again, it brings a new `token`.")
    }
    guard extra?.renewal == nil else {
      throw Failure(
        .busy, "Another token of this connection is being verified: wait for its answer.",
        retryAfterMilliseconds: 100)
    }
    needExtra().renewal = id
    output.token = token
  }

  /// What became of a token that was sent while the connection lived. The one before counts on when it is refused.
  mutating func decideRenewal(_ verdict: Verdict, now: Moment, into output: inout ConnectionOutput) {
    guard phase == .open, let id = extra?.renewal else { return }
    extra?.renewal = nil
    switch verdict {
    case .busy:
      sendError(
        id: id, session: nil,
        Failure(.busy, "Too many tokens wait to be verified: send it again.", retryAfterMilliseconds: 1000),
        now: now, into: &output)
    case .rejected(let reason): fault(.text(id), Failure(.unauthorized, reason), now: now, into: &output)
    case .accepted(let claims) where claims.expiresAtMilliseconds <= now.wall:
      fault(.text(id), .expiredToken, now: now, into: &output)
    case .accepted(let claims):
      guard let person, person.id.hasSameBytes(as: claims.person.id), person.role == claims.person.role,
        extra?.desk == claims.desk
      else {
        return fault(
          .text(id),
          Failure(
            .forbidden,
            "The new token has another `sub`, `role` or `desk`: connect again to be somebody else. The one before counts on."
          ),
          now: now, into: &output)
      }
      take(claims, now: now)
      errorsInARow = 0
      sayOK(id: id, now: now, into: &output)
    }
  }

  /// The claims hold from now on, until they end.
  mutating func take(_ claims: Claims, now: Moment) {
    person = claims.person
    end = .distantFuture
    warning = .distantFuture
    // What lies beyond a thousand years is no time at all.
    let left = claims.expiresAtMilliseconds - now.wall
    if left < 1 << 45 {
      end = now.instant + .milliseconds(Int64(left))
      // A token that is short anyway is warned of in its last quarter.
      let notice = min(UInt64(rules.times.tokenWarning), left / 4)
      if notice > 0 { warning = now.instant + .milliseconds(Int64(left - notice)) }
    }
    let isAgent = claims.person.role == .agent
    let priority = claims.person.role == .customer ? claims.priority : nil
    let saysMore =
      isAgent && (claims.skills != nil || claims.capacity != nil) || priority != nil || claims.desk != nil
    guard extra != nil || saysMore else { return }
    needExtra().desk = claims.desk
    needExtra().skills = isAgent ? claims.skills : nil
    needExtra().capacity = isAgent ? claims.capacity : nil
    needExtra().priority = priority
  }

  /// Tells the client that its token ends.
  mutating func warn(now: Moment, into output: inout ConnectionOutput) {
    warning = .distantFuture
    sayTokenExpires(inMilliseconds: max(0, Int((end - now.instant).milliseconds)), now: now, into: &output)
  }
}

extension Failure {
  static let expiredToken = Failure(.unauthorized, "The token has expired: get a new one and connect again.")
}
