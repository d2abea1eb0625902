import Kernel
import NIOCore
import Node

/// How long the turns of the node's thread take, and what the long ones did: while one runs, no vote is answered and no
/// message acknowledged.
struct TurnWatch {
  /// A turn that takes longer is told.
  static let limit = TimeAmount.milliseconds(10)
  /// Of what is told, no more than one in this time is logged.
  private static let quiet = TimeAmount.seconds(1)

  /// Turns above the limit since the start.
  private(set) var slow: UInt64 = 0
  private(set) var longest = TimeAmount.zero
  private var spent = TimeAmount.zero
  private var began: NIODeadline?
  private var inputs = Array(repeating: 0, count: InputKind.allCases.count)
  private var slowestInput: (kind: InputKind, time: TimeAmount)?
  private var loggedAt: NIODeadline?

  /// - Parameter time: that at which the node takes it.
  mutating func begin(_ time: Instant) { began = .uptimeNanoseconds(time.nanoseconds) }

  mutating func took(_ kind: InputKind) {
    guard let began else { return }
    let time = NIODeadline.now() - began
    spent = spent + time
    inputs[kind.rawValue] += 1
    if time > slowestInput?.time ?? .zero { slowestInput = (kind, time) }
  }

  /// - Returns: what is to be logged.
  mutating func end(applied: UInt64) -> (milliseconds: Int64, work: String)? {
    let now = NIODeadline.now()
    let end = began.map { now - $0 } ?? .zero
    let total = spent + end
    defer {
      spent = .zero
      for place in inputs.indices { inputs[place] = 0 }
      slowestInput = nil
    }
    if total > longest { longest = total }
    guard total > Self.limit else { return nil }
    slow += 1
    if let loggedAt, now - loggedAt < Self.quiet { return nil }
    loggedAt = now
    var work = InputKind.allCases.filter { inputs[$0.rawValue] > 0 }.map { "\(inputs[$0.rawValue]) \($0.name)" }
      .joined(separator: ", ")
    if let slowest = slowestInput {
      work += "; slowest \(slowest.kind.name) \(slowest.time.nanoseconds / 1_000) us"
    }
    work += "; end of turn \(end.nanoseconds / 1_000) us, applied to \(applied)"
    return (total.nanoseconds / 1_000_000, work)
  }
}

/// What a turn can be told to have done.
enum InputKind: Int, CaseIterable {
  case ticks, requests, frames, links, disk, chunks, snapshotsWritten, snapshotsLoaded, archive, calls, loops

  var name: String {
    switch self {
    case .ticks: "tick"
    case .requests: "requests"
    case .frames: "frames"
    case .links: "links"
    case .disk: "disk"
    case .chunks: "chunks read"
    case .snapshotsWritten: "snapshot written"
    case .snapshotsLoaded: "snapshot loaded"
    case .archive: "archive"
    case .calls: "calls"
    case .loops: "loops"
    }
  }

  init(_ input: NodeInput) {
    self =
      switch input {
      case .tick: .ticks
      case .requests: .requests
      case .peer: .frames
      case .linkUp, .linkDown, .inboundLost, .unsent: .links
      case .written, .snapshotRefused, .diskFull, .roomAgain: .disk
      case .chunkRead: .chunks
      case .snapshotWritten, .snapshotFailed: .snapshotsWritten
      case .snapshotLoaded, .snapshotUnreadable: .snapshotsLoaded
      case .archived, .archiveFailed, .archiveAnswered, .archiveGaps, .archivePageRead, .archivePageWritten:
        .archive
      case .call: .calls
      case .sinks: .loops
      }
  }
}
