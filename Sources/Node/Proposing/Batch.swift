import Desk
import Kernel
import Raft

/// Commands that go into the next entry, and the proposals that are under way.
struct Batch {
  /// Runs of one session are never torn apart between two entries (see `SessionPipelines`).
  private var submissions: [Submission] = []
  private(set) var bytes = 0
  private var underWay: [(checksum: UInt32, until: Instant)] = []

  var count: Int { submissions.count }
  var isEmpty: Bool { submissions.isEmpty }
  var proposalsUnderWay: Int { underWay.count }

  mutating func add(_ submission: Submission) {
    submissions.append(submission)
    if case .send(let send) = submission.command { bytes += send.body.count }
    bytes += 64
  }

  /// All that is batch, as payloads of at most `maxCount` commands and about `maxBytes` bytes.
  mutating func take(maxCount: Int, maxBytes: Int) -> [(payload: Payload, submissions: [Submission])] {
    guard !submissions.isEmpty else { return [] }
    let all = submissions
    submissions = []
    bytes = 0
    var payloads: [(Payload, [Submission])] = []
    var start = 0
    var size = 0
    var lastSession: SessionID?
    for (place, submission) in all.enumerated() {
      let session = submission.command.session
      let continuesRun = session != nil && session == lastSession
      let isFull = place - start >= maxCount || size >= maxBytes
      if isFull && !continuesRun {
        payloads.append(Self.payload(Array(all[start..<place])))
        start = place
        size = 0
      }
      if case .send(let send) = submission.command { size += send.body.count }
      size += 64
      lastSession = session
    }
    payloads.append(Self.payload(start == 0 ? all : Array(all[start...])))
    return payloads
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
