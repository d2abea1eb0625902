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
  private var inputs: [(name: String, count: Int)] = []
  private var slowestInput: (name: String, time: TimeAmount)?
  private var loggedAt: NIODeadline?

  mutating func begin(_ input: NodeInput) { began = .now() }

  mutating func took(_ input: NodeInput) {
    guard let began else { return }
    let time = NIODeadline.now() - began
    spent = spent + time
    let name = input.name
    if let place = inputs.firstIndex(where: { $0.name == name }) {
      inputs[place].count += 1
    } else {
      inputs.append((name, 1))
    }
    if time > slowestInput?.time ?? .zero { slowestInput = (name, time) }
  }

  mutating func beginEnd() { began = .now() }

  /// - Returns: what is to be logged.
  mutating func end(applied: UInt64) -> (milliseconds: Int64, work: String)? {
    let now = NIODeadline.now()
    let end = began.map { now - $0 } ?? .zero
    let total = spent + end
    defer {
      spent = .zero
      inputs.removeAll(keepingCapacity: true)
      slowestInput = nil
    }
    if total > longest { longest = total }
    guard total > Self.limit else { return nil }
    slow += 1
    if let loggedAt, now - loggedAt < Self.quiet { return nil }
    loggedAt = now
    var work = inputs.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    if let slowestInput { work += "; slowest \(slowestInput.name) \(slowestInput.time.nanoseconds / 1_000) us" }
    work += "; end of turn \(end.nanoseconds / 1_000) us, applied to \(applied)"
    return (total.nanoseconds / 1_000_000, work)
  }
}

extension NodeInput {
  fileprivate var name: String {
    switch self {
    case .tick: "tick"
    case .requests: "requests"
    case .peer: "frames"
    case .linkUp, .linkDown, .inboundLost, .unsent: "links"
    case .written, .snapshotRefused, .diskFull, .roomAgain: "disk"
    case .chunkRead: "chunks read"
    case .snapshotWritten, .snapshotFailed: "snapshot written"
    case .snapshotLoaded, .snapshotUnreadable: "snapshot loaded"
    case .call: "calls"
    case .sinks: "loops"
    }
  }
}
