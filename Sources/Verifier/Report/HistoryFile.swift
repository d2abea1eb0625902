import Foundation

/// The history of the run as JSON lines, one operation each, in the order of the calls: for checkers of others.
/// `return_ns` is null for an operation whose answer never came: it may have had its effect at any time, or never.
enum HistoryFile {
  private struct Row: Encodable {
    enum CodingKeys: String, CodingKey {
      case process, op, key, input, output
      case called = "call_ns"
      case returned = "return_ns"
    }
    var process: String
    var op: String
    var key: String
    var input: [String: String]
    var output: Output?
    var called: Moment
    var returned: Moment?

    /// Nulls are written, so that all lines have the same fields.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(process, forKey: .process)
      try container.encode(op, forKey: .op)
      try container.encode(key, forKey: .key)
      try container.encode(input, forKey: .input)
      try container.encode(output, forKey: .output)
      try container.encode(called, forKey: .called)
      try container.encode(returned, forKey: .returned)
    }
  }

  private struct Output: Encodable {
    var seq: UInt64?
    var error: String?
    var session: String?
    var state: String?
    var messages: [String]?
    var owner: String?
    var epoch: UInt64?
    var agents: [String]?
  }

  static func text(_ evidence: Evidence) throws -> String {
    var rows: [Row] = evidence.attempts.map { attempt in
      var output: Output?
      switch attempt.outcome {
      case .acknowledged(let sequence): output = Output(seq: sequence)
      case .refused(let code): output = Output(error: code)
      case .passedBy, .unknown: break
      }
      return Row(
        process: attempt.process, op: "send", key: attempt.session,
        input: ["id": attempt.id, "body": attempt.body],
        output: output, called: attempt.called, returned: output == nil ? nil : attempt.returned)
    }
    rows += evidence.openings.map { opening in
      Row(
        process: opening.process, op: "open", key: opening.session ?? "",
        input: ["id": opening.id, "skill": opening.skill, "priority": "\(opening.priority)"],
        output: opening.session.map { Output(session: $0, state: opening.state) }, called: opening.called,
        returned: opening.returned)
    }
    rows += evidence.closings.map { closing in
      Row(
        process: closing.process, op: "close", key: closing.session, input: [:],
        output: closing.returned == nil ? nil : Output(), called: closing.called, returned: closing.returned)
    }
    rows += evidence.transfers.map { transfer in
      let input =
        switch transfer.target {
        case .agent(let agent): ["agent": agent]
        case .skill(let skill): ["skill": skill]
        }
      return Row(
        process: transfer.process, op: "transfer", key: transfer.session, input: input,
        output: transfer.returned == nil ? nil : Output(error: transfer.refusal), called: transfer.called,
        returned: transfer.returned)
    }
    rows += evidence.reads.map { read in
      Row(
        process: read.process, op: "read", key: read.session, input: ["node": read.node],
        output: Output(messages: read.lines.map(\.id)), called: read.called, returned: read.returned)
    }
    rows += evidence.sights.map { sight in
      Row(
        process: "sight-\(sight.node)", op: "detail", key: sight.session, input: ["node": sight.node],
        output: Output(
          seq: sight.sequence, state: sight.state, owner: sight.owner, epoch: sight.epoch, agents: sight.agents),
        called: sight.called, returned: sight.returned)
    }
    rows.sort { ($0.called, $0.process) < ($1.called, $1.process) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let lines = try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    return lines.map { $0 + "\n" }.joined()
  }
}
