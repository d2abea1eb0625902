import Foundation
import Testing

/// The rules that ship, judged by promtool on what real nodes say of real failures.
@Suite("Alert rules", .serialized, .timeLimit(.minutes(15)))
struct AlertRuleTests {
  static let promtool = [
    "/usr/bin/promtool", "/usr/local/bin/promtool", ProcessInfo.processInfo.environment["PROMTOOL"] ?? "",
  ]
  .first { FileManager.default.isExecutableFile(atPath: $0) }

  static var rules: String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "cluster/alerts.yml").path
  }

  @Test("name only metrics that a node gives, and codes that there are")
  func names() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let page = try await samples(of: 1, in: cluster).keys.joined(separator: "\n")
    let text = try String(contentsOfFile: Self.rules, encoding: .utf8)
    for match in text.matches(of: /switchboard_[a-z_]+/) {
      #expect(page.contains(match.output), "\(match.output) is nowhere in /metrics")
    }
    for match in text.matches(of: /code=~"([a-z_|]+)"/) {
      for code in match.output.1.split(separator: "|") {
        #expect(page.contains("code=\"\(code)\""), "no problem is called \(code)")
      }
    }
  }

  @Test(
    "fire on what they are for, and on nothing else", .enabled(if: promtool != nil, "promtool is not installed")
  )
  func fire() async throws {
    let cluster = try TestCluster(settings: ["development": ["faults": true]])
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let first = leader % 3 + 1
    let second = first % 3 + 1
    try await eventually("all is well") { await cluster.canLose(seenBy: leader) == 1 }
    var phases: [(name: String, alerts: [String], samples: [Int: [String: String]])] = []
    func note(_ name: String, _ alerts: [String], _ nodes: [Int]) async throws {
      var all: [Int: [String: String]] = [:]
      for node in nodes { all[node] = try await samples(of: node, in: cluster) }
      phases.append((name, alerts, all))
    }
    try await note("well", [], [1, 2, 3])
    let token = try cluster.token("admin", "breaker")
    _ = try await cluster.put(first, "/v1/development/disk", #"{"full":true}"#, token: token)
    let talks = try Talks(cluster, speakers: 1)
    try await talks.during {
      try await eventually("the disk is full everywhere") {
        for node in [1, 2, 3] where await cluster.canLose(seenBy: node) != 0 { return false }
        return true
      }
    }
    try await note(
      "full disk",
      ["SwitchboardDegraded", "SwitchboardDiskFree", "SwitchboardNoProgress", "SwitchboardNoSpare"], [1, 2, 3])
    cluster.kill9(first)
    try await eventually("the others miss it") {
      await cluster.problems(seenBy: second)["node\(first)"]?.contains("peer_unreachable") ?? false
    }
    try await note(
      "killed", ["SwitchboardDegraded", "SwitchboardNoSpare", "SwitchboardNodeDown"], [leader, second])
    cluster.kill9(second)
    try await eventually("there is no quorum") {
      await cluster.status(leader)?["health"] as? String == "no_quorum"
    }
    try await note(
      "no quorum", ["SwitchboardDegraded", "SwitchboardNoQuorum", "SwitchboardNodeDown"], [leader])
    let file = cluster.directory + "/alerts.test.yml"
    try Self.test(phases).write(toFile: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: Self.promtool ?? "")
    process.arguments = ["test", "rules", file]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
  }

  /// The series of one node with their values.
  private func samples(of node: Int, in cluster: TestCluster) async throws -> [String: String] {
    let (code, data) = try await cluster.get(node, "/metrics")
    #expect(code == 200)
    return String(decoding: data, as: UTF8.self).split(separator: "\n").reduce(into: [:]) { samples, line in
      guard !line.hasPrefix("#"), let space = line.lastIndex(of: " ") else { return }
      samples[String(line[..<space])] = String(line[line.index(after: space)...])
    }
  }

  /// A file for promtool: each phase by itself, lasting ten minutes, a value every 15 s.
  private static func test(
    _ phases: [(name: String, alerts: [String], samples: [Int: [String: String]])]
  ) -> String {
    var text = "rule_files: [\(rules)]\nevaluation_interval: 15s\ntests:\n"
    for phase in phases {
      text += "  - name: \(phase.name)\n    interval: 15s\n    input_series:\n"
      for node in 1...3 {
        let labels = "job=\"switchboard\",instance=\"node\(node)\""
        text += "      - {series: 'up{\(labels)}', values: '\(phase.samples[node] == nil ? 0 : 1)x40'}\n"
        for (series, value) in (phase.samples[node] ?? [:]).sorted(by: { $0.key < $1.key })
        where series.hasPrefix("switchboard_") && !series.contains("_bucket") {
          let name = series.hasSuffix("}") ? series.dropLast() + "," : series + "{"
          text += "      - {series: '\(name)\(labels)}', values: '\(value)x40'}\n"
        }
      }
      text += "    promql_expr_test:\n      - expr: count by (alertname) (ALERTS{alertstate=\"firing\"})\n"
      text += "        eval_time: 9m\n        exp_samples:\n"
      if phase.alerts.isEmpty { text.removeLast("        exp_samples:\n".count) }
      for alert in phase.alerts {
        let count =
          alert == "SwitchboardNodeDown"
          ? 3 - phase.samples.count : 1
        text += "          - {labels: '{alertname=\"\(alert)\"}', value: \(count)}\n"
      }
    }
    return text
  }
}
