import Archive
import Protocol

/// Months whose files an operator takes out of the archive of this node, and back into it.
extension Replica {
  /// - Parameter name: "2026-09".
  /// - Returns: where its file is now.
  /// - Throws: `ControlFailure`.
  package func detachMonth(_ name: String) async throws -> String {
    let now = await time()
    return try await administer(name) { (writer, month) throws(ArchiveError) in
      try writer.detach(month, now: Month(ms: now))
    }
  }

  /// - Throws: `ControlFailure`.
  package func attachMonth(_ name: String) async throws {
    try await administer(name) { (writer, month) throws(ArchiveError) in try writer.attach(month) }
  }

  /// - Throws: `ControlFailure`.
  package func giveUpMonth(_ name: String) async throws {
    try await administer(name) { (writer, month) throws(ArchiveError) in try writer.giveUp(month) }
  }

  private func administer<Answer: Sendable>(
    _ name: String, _ job: @escaping @Sendable (ArchiveWriter, Month) throws(ArchiveError) -> Answer
  ) async throws -> Answer {
    guard let month = Month(name: name) else {
      throw ControlFailure.noMonth(name)
    }
    guard let archivist = await archivist() else {
      throw ControlFailure.noArchive
    }
    return try await withCheckedThrowingContinuation { continuation in
      let isTaken = archivist.administer { (writer) throws(ArchiveError) in
        try job(writer, month)
      } then: { answer in
        continuation.resume(with: answer.mapError { ControlFailure($0) as any Error })
      }
      if !isTaken {
        continuation.resume(throwing: ControlFailure.busy("this node stops: ask it again when it is back"))
      }
    }
  }
}

extension ControlFailure {
  static let noArchive = refused("this node keeps no archive")
  static func noMonth(_ name: String) -> Self {
    .notFound("there is no month \(name.prefix(32)): write it like 2026-09")
  }

  init(_ error: ArchiveError) {
    // Sentences of these failures go on, and get their full stop elsewhere.
    var words = error.description
    while words.hasSuffix(".") { words.removeLast() }
    // The catalogue is not mended while the node runs.
    let isForNow = error.kind != .declined && (error.kind != .damaged || error.month != nil)
    self = isForNow ? .busy(words) : .refused(words)
  }
}
