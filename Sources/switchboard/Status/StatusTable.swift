/// The page that `cluster status` prints.
struct StatusTable {
  var view: ClusterView
  var isColourful: Bool

  private struct Cell {
    var text: String
    var style = Terminal.Style.plain
    var isNumber = false
  }

  func render() -> String {
    guard let first = view.first, let answer = first.answer else { return silence() }
    var lines = [headline(answer)]
    lines.append("")
    lines += table(answer)
    lines.append("")
    lines.append(counts(answer))
    let unanswered = view.nodes.filter { $0.answer == nil }
    for node in unanswered {
      lines.append(paint("\(node.url) does not answer: \(node.silence ?? "unknown reason")", .yellow))
    }
    for problem in answer.problems ?? [] {
      lines.append("")
      let place = (problem.node ?? "").isEmpty ? "" : " \(problem.node ?? "")"
      let since = Terminal.harmless((problem.since ?? "").isEmpty ? "" : " since \(problem.since ?? "")")
      lines.append(paint("problem: \(problem.code)\(place)", .red) + since)
      if let advice = problem.advice, !advice.isEmpty { lines.append("  " + Terminal.harmless(advice)) }
    }
    return lines.joined(separator: "\n")
  }

  private func silence() -> String {
    let lines =
      [paint("No node answers.", .red)]
      + view.nodes.map { "  \($0.url): \($0.silence ?? "unknown reason")" }
      + ["Is the cluster up? scripts/cluster up starts one here; --url names other nodes."]
    return lines.joined(separator: "\n")
  }

  private func headline(_ answer: StatusAnswer) -> String {
    let health = answer.health ?? "unknown"
    let style: Terminal.Style = health == "ok" ? .green : health == "degraded" ? .yellow : .red
    var text = paint(answer.cluster ?? "cluster", .bold) + ": " + paint(health.replacing("_", with: " "), style)
    text += answer.leader.map { ", leader \($0)" } ?? ", no leader"
    if let quorum = answer.quorum, let reachable = quorum.reachable, let voters = quorum.voters {
      text += ", \(reachable) of \(voters) voters reachable"
      if let canLose = quorum.canLose { text += ", can lose \(canLose)" }
    }
    if let level = answer.level { text += ", level \(level)" }
    text += paint("  (seen by \(answer.observedBy ?? "?") at \(answer.observedAt ?? "?"))", .faint)
    return text
  }

  private func table(_ answer: StatusAnswer) -> [String] {
    var titles = [
      "NODE", "ROLE", "STATE", "TERM", "COMMIT", "APPLIED", "LAG", "CONNS", "SESSIONS", "CPU", "ACK P99",
      "FSYNC P99", "UP", "VERSION", "LEVEL",
    ]
    if usesTLS { titles.append("CERTS END") }
    titles.append("CLIENTS AT")
    let numbers: Set<Int> = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]
    var rows = [titles.enumerated().map { Cell(text: $1, style: .faint, isNumber: numbers.contains($0)) }]
    for member in answer.members ?? [] {
      rows.append(
        row(member, answer).enumerated().map { place, cell in
          var cell = cell
          cell.isNumber = numbers.contains(place)
          return cell
        })
    }
    let widths = titles.indices.map { column in rows.map { $0[column].text.count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let gap = String(repeating: " ", count: widths[column] - cell.text.count)
        let isLast = column == row.count - 1
        line += cell.isNumber ? gap : ""
        line += paint(cell.text, cell.style)
        line += cell.isNumber || isLast ? "" : gap
        line += isLast ? "" : "  "
      }
      return line
    }
  }

  /// What the node says of itself is fresher than what another says of it.
  private func row(_ member: StatusAnswer.Member, _ observer: StatusAnswer) -> [Cell] {
    let own = view.nodes.first { $0.answer?.observedBy == member.id }?.answer
    let itself = own?.members?.first { $0.id == member.id }
    let isSilent = own == nil
    let role = itself?.role ?? member.role ?? "?"
    let state = member.state ?? "?"
    let applied = own?.appliedIndex ?? member.appliedIndex
    let commit = own?.commitIndex
    let lag = member.lag ?? commit.flatMap { commit in applied.map { max(0, commit - $0) } }
    let load = itself?.load ?? member.load
    let storage = itself?.storage ?? member.storage
    var cells = [
      Cell(text: member.id, style: .bold),
      Cell(text: isSilent && role == "leader" ? "leader?" : role, style: role == "leader" ? .cyan : .plain),
      Cell(
        text: isSilent ? "\(state), silent" : state,
        style: isSilent || state == "dead" ? .red : state == "alive" ? .green : .yellow),
      number(own?.term), number(commit), number(applied),
      Cell(text: lag.map(String.init) ?? "-", style: (lag ?? 0) > 1000 ? .yellow : .plain),
      number(load?.connections), number(load?.sessions),
      Cell(text: load?.cpu.map { "\(Int(($0 * 100).rounded()))%" } ?? "-"),
      Cell(text: milliseconds(load?.ackP99Ms)), Cell(text: milliseconds(storage?.fsyncP99Ms)),
      Cell(text: (itself?.uptimeS ?? member.uptimeS).map(span) ?? "-"),
      Cell(text: version(itself?.version ?? member.version)), number(itself?.level ?? member.level),
    ]
    if usesTLS { cells.append(end(of: itself?.certificates)) }
    cells.append(Cell(text: member.clientUrl ?? "-", style: .faint))
    return cells
  }

  /// Whether any node tells of certificates of its own.
  private var usesTLS: Bool {
    view.nodes.contains { node in
      node.answer?.members?.contains { $0.certificates?.isEmpty == false } == true
    }
  }

  /// When the first of them ends.
  private func end(of certificates: [StatusAnswer.Certificate]?) -> Cell {
    guard let days = certificates?.compactMap(\.daysLeft).min() else { return Cell(text: "-") }
    return days < 0
      ? Cell(text: "ended", style: .red)
      : Cell(text: "\(days)d", style: days < 7 ? .red : days < 30 ? .yellow : .plain)
  }

  private func counts(_ answer: StatusAnswer) -> String {
    let sessions = answer.sessions
    let agents = answer.agents
    return
      "sessions: \(sessions?.active ?? 0) active, \(sessions?.queued ?? 0) queued, \(sessions?.closed ?? 0) closed"
      + "   agents: \(agents?.online ?? 0) online, \(agents?.busy ?? 0) busy, \(agents?.away ?? 0) away, "
      + "\(agents?.offline ?? 0) offline"
  }

  private func version(_ text: String?) -> String { (text ?? "").isEmpty ? "-" : text ?? "-" }

  private func number(_ value: Int?) -> Cell { Cell(text: value.map(String.init) ?? "-") }

  private func milliseconds(_ value: Double?) -> String {
    guard let value, value > 0 else { return "-" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }

  private func span(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds)s"
    case ..<7200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3600)h"
    default: "\(seconds / 86400)d"
    }
  }

  private func paint(_ text: String, _ style: Terminal.Style) -> String {
    Terminal.paint(Terminal.harmless(text), style, isColourful: isColourful)
  }
}
