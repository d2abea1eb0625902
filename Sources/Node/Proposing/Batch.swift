import Desk
import Kernel
import Raft

/// Commands that go into the next entry, and the proposals that are under way.
struct Batch {
  /// What one node says in one session is never torn apart between two entries (see `Bundles`).
  private var submissions: [Submission] = []
  /// Of what is gathered, encoded, at the most.
  private(set) var bytes = 0
  private var underWay: [(checksum: UInt32, until: Instant)] = []

  var count: Int { submissions.count }
  var isEmpty: Bool { submissions.isEmpty }
  var proposalsUnderWay: Int { underWay.count }

  mutating func add(_ submission: Submission) {
    submissions.append(submission)
    bytes += submission.command.mostBytes
  }

  /// All that is gathered, as payloads of at most `maxCount` commands and `maxBytes` bytes. Only what has to stay together
  /// can be more: see `SessionPipelines`, which keeps that below these bounds.
  mutating func take(maxCount: Int, maxBytes: Int) -> [(payload: Payload, submissions: [Submission])] {
    guard !submissions.isEmpty else { return [] }
    let all = submissions
    let fitsIntoOne = all.count <= maxCount && bytes + CommandCodec.headerBytes <= maxBytes
    submissions = []
    bytes = 0
    if fitsIntoOne { return [Self.payload(all)] }
    return Bundles.cut(
      all, maxCount: maxCount, maxBytes: maxBytes - CommandCodec.headerBytes, bytes: { $0.command.mostBytes }
    ) { submission in
      submission.command.session.map { BundleKey(origin: submission.origin.server, session: $0) }
    }.map { Self.payload($0) }
  }

  private static func payload(_ submissions: [Submission]) -> (Payload, [Submission]) {
    let data = CommandCodec.encode(submissions)
    return (Payload(checksum: CRC32C.checksum(data), data: data), submissions)
  }

  mutating func wasProposed(_ payload: Payload, until deadline: Instant) {
    underWay.append((payload.checksum, deadline))
  }

  mutating func wasApplied(checksum: UInt32) {
    if let place = underWay.firstIndex(where: { $0.checksum == checksum }) { underWay.remove(at: place) }
  }

  /// A proposal that got lost no longer holds others back.
  mutating func expireProposals(_ now: Instant) {
    underWay.removeAll { $0.until <= now }
  }
}
