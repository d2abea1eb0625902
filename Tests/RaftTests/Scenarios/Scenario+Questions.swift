@testable import Raft

/// What can be asked. A question changes nothing but what it has told of already.
extension Scenario {
  /// - Returns: nil when it is another kind of command.
  mutating func ask(_ name: String, _ words: inout Words) throws(ScenarioError) -> [String]? {
    switch name {
    case "status": return status(of: words.isEmpty ? cluster.ids : try words.nodes())
    case "log": return try log(of: words.isEmpty ? cluster.ids : try words.nodes())
    case "members": return try members(of: words.isEmpty ? cluster.ids : try words.nodes())
    case "reads": return reads()
    case "progress": return try progress(of: try leader())
    case "network": return (cluster.network + cluster.held).map(\.transcript)
    default: return nil
    }
  }

  private func status(of ids: [NodeID]) -> [String] {
    var table = Table("node", "role", "term", "vote", "leader", "log", "disk", "commit", "applied")
    for id in ids {
      let member = cluster[id]
      guard let raft = member.raft else {
        table.add("\(id)", "down")
        continue
      }
      table.add(
        "\(id)", raft.role.rawValue, "\(raft.term)", raft.vote.map { "\($0)" } ?? "-",
        raft.leader.map { "\($0)" } ?? "-",
        raft.lastIndex < raft.firstIndex ? "empty" : "\(raft.firstIndex)-\(raft.lastIndex)",
        "\(raft.durableIndex)",
        "\(raft.commitIndex)", applied(by: member))
    }
    return table.lines
  }

  private func applied(by member: Cluster.Member) -> String {
    let commands = member.applied.filter { $0.kind == .command }.map(\.text)
    let start = (member.applied.first?.index ?? member.machine.index.next).previous
    let words = (start > .zero ? ["(snapshot \(start))"] : []) + commands
    return words.isEmpty ? "-" : words.joined(separator: " ")
  }

  private func log(of ids: [NodeID]) throws(ScenarioError) -> [String] {
    var lines: [String] = []
    for id in ids {
      try check(id)
      guard let raft = cluster[id].raft else {
        lines.append("\(id): down")
        continue
      }
      let base = raft.firstIndex > LogIndex(1) ? ["(to \(raft.firstIndex.previous))"] : []
      let entries = raft.log.entries(from: raft.firstIndex, through: raft.lastIndex)
      lines.append(([("\(id):")] + base + entries.map(\.transcript)).joined(separator: " "))
    }
    return lines
  }

  private func members(of ids: [NodeID]) throws(ScenarioError) -> [String] {
    var table = Table("node", "at", "voters")
    for id in ids {
      try check(id)
      guard let raft = cluster[id].raft else {
        table.add("\(id)", "down")
        continue
      }
      table.add("\(id)", "\(raft.membershipIndex)", raft.membership.transcript)
    }
    return table.lines
  }

  private mutating func reads() -> [String] {
    var lines: [String] = []
    for id in cluster.ids {
      for read in cluster[id].reads.dropFirst(readsTold[id] ?? 0) {
        lines.append("node \(id): read \(read.context) sees \(read.index)")
      }
      readsTold[id] = cluster[id].reads.count
    }
    return lines.isEmpty ? ["none"] : lines
  }

  private func progress(of leader: NodeID) throws(ScenarioError) -> [String] {
    var table = Table("node", "state", "match", "next", "active", "inflight")
    for id in cluster.ids {
      guard let progress = cluster[leader].raft?.progress(of: id) else { continue }
      table.add(
        "\(id)", progress.state.rawValue, "\(progress.match)", "\(progress.next)",
        progress.recentlyActive ? "yes" : "no", "\(progress.inflightMessages)")
    }
    return table.lines
  }
}

extension Membership {
  /// The voters, then what else there is.
  var transcript: String {
    var text = voters.transcript
    for (name, list) in [
      ("from", outgoing), ("learners", learners), ("joining", joining), ("leaving", leaving),
    ] where !list.isEmpty {
      text += " \(name) \(list.transcript)"
    }
    return text
  }
}

extension [NodeID] {
  fileprivate var transcript: String { map { "\($0)" }.joined(separator: " ") }
}

extension Entry {
  /// The data as text.
  var text: String { String(decoding: data, as: UTF8.self) }

  /// `index/term:what`.
  var transcript: String {
    switch kind {
    case .noop: "\(index)/\(term):noop"
    case .command: "\(index)/\(term):\(text)"
    case .membership:
      "\(index)/\(term):[" + ((try? Membership(encoded: data))?.transcript ?? "damaged") + "]"
    }
  }
}

extension Message {
  /// `from>to kind term: fields`.
  var transcript: String {
    let fields: String =
      switch body {
      case .voteRequest(let request):
        " log \(request.lastIndex)/\(request.lastTerm)" + (request.transfer ? " transfer" : "")
      case .voteReply(let reply): reply.granted ? " granted" : " refused"
      case .append(let request):
        " after \(request.previousIndex)/\(request.previousTerm) commit \(request.commit)"
          + request.entries.map { " " + $0.transcript }.joined()
      case .appendReply(let reply):
        reply.rejected
          ? " rejects \(reply.index) hint \(reply.hintIndex)/\(reply.hintTerm)" : " has \(reply.index)"
      case .heartbeat(let heartbeat):
        " commit \(heartbeat.commit)" + (heartbeat.readRound > 0 ? " round \(heartbeat.readRound)" : "")
      case .heartbeatReply(let reply): reply.readRound > 0 ? " round \(reply.readRound)" : ""
      case .snapshotChunk(let chunk): " of \(chunk.meta.index)/\(chunk.meta.term) at \(chunk.offset)"
      case .snapshotReply(let reply):
        " of \(reply.index)/\(reply.term) " + (reply.installed ? "installed" : "has \(reply.offset)")
      case .propose(let payloads):
        payloads.map { " " + String(decoding: $0.data, as: UTF8.self) }.joined()
      case .readIndex(let request): " \(request.context)"
      case .readIndexReply(let reply): " \(reply.context) at \(reply.index)"
      case .rejoinReply(let reply): " at \(reply.index)"
      case .timeoutNow, .rejoin: ""
      }
    return "\(from)>\(to) \(MessageKind(self).rawValue) term \(term)\(fields)"
  }
}
