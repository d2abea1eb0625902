internal import Certificates
internal import Logging
internal import NIOCore

/// Lines of the log about clients that do not get through TLS: of each reason one in a minute, with how many were left out,
/// so that strangers cannot fill the log, and no reason hides another.
final class HandshakeComplaints: Sendable {
  private let byReason: [TLSFailure.Reason: Complaints]
  private let logger: Logger

  init(logger: Logger) {
    self.logger = logger
    byReason = Dictionary(
      uniqueKeysWithValues: TLSFailure.Reason.allCases.map { ($0, Complaints(pause: .minutes(1))) })
  }

  /// - Parameter error: of the channel, within the handshake. One that TLS has no part in says nothing.
  func say(_ error: any Error, from caller: Caller) {
    // A connection that breaks in the midst of it, with or without a goodbye.
    let reason = error is IOError ? TLSFailure.Reason.ended : TLSFailure.reason(of: error)
    guard let reason else { return }
    if reason == .other, let words = TLSFailure.words(for: error, from: .comingClient) {
      return say(reason, words, from: caller)
    }
    say(reason, from: caller)
  }

  func say(_ reason: TLSFailure.Reason, from caller: Caller) {
    say(reason, TLSFailure.words(reason, .comingClient), from: caller)
  }

  private func say(_ reason: TLSFailure.Reason, _ words: String, from caller: Caller) {
    byReason[reason]?.say(
      logger, "a client does not get through TLS", ["address": "\(caller.group)", "reason": "\(words)"])
  }
}
