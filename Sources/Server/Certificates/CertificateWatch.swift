import Certificates
import Host
import Logging
import Protocol
import Wire

/// Keeps the certificates of a node what their files say, and says when they end.
///
/// Files are compared by what is in them: whoever renews them may write them anew, put others in their place, or turn a
/// link, as Kubernetes does.
actor CertificateWatch {
  /// One pair of certificate and key.
  struct Item: Sendable {
    var use: CertificateReport.Use
    var credentials: Credentials
    /// Makes new connections use them.
    var apply: @Sendable (Credentials) async throws -> Void
  }

  private struct Watched {
    var item: Item
    /// What the files say and cannot be used, and whether that was logged.
    var refused: (finding: String, isLogged: Bool)?
    var warnedAt: Int64?
  }

  private var watched: [Watched]
  private let board: CertificateBoard
  private let clock: WallClock
  private let logger: Logger

  init(_ items: [Item], board: CertificateBoard, clock: WallClock, logger: Logger) {
    watched = items.map { Watched(item: $0) }
    self.board = board
    self.clock = clock
    self.logger = logger
    board.replace(items.map { CertificateReport(use: $0.use, notAfter: $0.credentials.facts.notAfter) })
  }

  private var seconds: Int64 { Int64(clamping: clock.milliseconds() / 1_000) }

  /// - Parameter isAsked: somebody wants to know now: what is wrong is said at once, and again.
  func look(isAsked: Bool = false) async {
    for place in watched.indices {
      await renew(place, isAsked: isAsked)
      warn(place)
    }
    board.replace(
      watched.map {
        CertificateReport(
          use: $0.item.use, notAfter: $0.item.credentials.facts.notAfter,
          isRenewalRefused: $0.refused?.isLogged ?? false)
      })
  }

  private func renew(_ place: Int, isAsked: Bool) async {
    let item = watched[place].item
    do {
      let contents = try item.credentials.files.read()
      guard contents != item.credentials.contents else {
        if watched[place].refused != nil { watched[place].refused = nil }
        return
      }
      let newer = try Credentials(item.credentials.files, contents)
      if let problem = newer.timeProblem(at: seconds) { throw problem }
      try await item.apply(newer)
      watched[place].item.credentials = newer
      watched[place].refused = nil
      watched[place].warnedAt = nil
      logger.notice(
        "certificates were read again: new connections use them",
        metadata: [
          "for": "\(item.use.rawValue)s", "file": "\(newer.files.certificate)",
          "names": "\(newer.facts.names.prefix(8).joined(separator: ","))",
          "expires_at": "\(dateText(newer.facts.notAfter))",
        ])
    } catch {
      refuse("\(error)", place, isAsked: isAsked)
    }
  }

  /// Two files cannot be written at one moment: what is wrong once may be half of something good.
  private func refuse(_ finding: String, _ place: Int, isAsked: Bool) {
    let known = watched[place].refused
    let isConfirmed = isAsked || known?.finding == finding
    if isConfirmed, isAsked || known?.isLogged != true {
      logger.error(
        "the files of a certificate have changed and cannot be used; the node goes on with what it had",
        metadata: [
          "for": "\(watched[place].item.use.rawValue)s", "reason": "\(finding)",
          "expires_at": "\(dateText(watched[place].item.credentials.facts.notAfter))",
        ])
    }
    watched[place].refused = (finding, isConfirmed)
  }

  /// Once a day.
  private func warn(_ place: Int) {
    let now = seconds
    let facts = watched[place].item.credentials.facts
    let days = facts.daysLeft(at: now)
    guard facts.notAfter - now <= Int64(CertificateReport.warningDays) * 86_400 else { return }
    if let last = watched[place].warnedAt, now - last < 86_400, now >= last { return }
    watched[place].warnedAt = now
    let metadata: Logger.Metadata = [
      "for": "\(watched[place].item.use.rawValue)s",
      "file": "\(watched[place].item.credentials.files.certificate)",
      "expires_at": "\(dateText(facts.notAfter))", "days_left": "\(days)",
    ]
    if now > facts.notAfter {
      logger.error("a certificate has ended: put a new one into its file", metadata: metadata)
    } else if days < CertificateReport.problemDays {
      logger.error("a certificate ends within a week: put a new one into its file", metadata: metadata)
    } else {
      logger.warning("a certificate ends soon: put a new one into its file", metadata: metadata)
    }
  }
}
