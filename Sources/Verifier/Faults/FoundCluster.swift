import Foundation

/// A cluster that runs already.
package enum FoundCluster {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// One that `scripts/cluster` started: its nodes can be killed, frozen, and started by their own command lines.
  ///
  /// - Parameter directory: that has `node1.pid`, `node1.log` and the others.
  package static func inRunDirectory(_ directory: String) throws -> NodeFleet {
    let root = URL(fileURLWithPath: directory).standardizedFileURL.path
    var nodes: [NodeFleet.Node] = []
    for number in 1...64 {
      let file = "\(root)/node\(number).pid"
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
      guard let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else { continue }
      nodes.append(try node(UInt64(number), pid: pid, file: file, root: root))
    }
    guard nodes.count >= 3 else {
      throw Failure(
        description: "\(directory) names \(nodes.count) running nodes and three are needed: scripts/cluster up")
    }
    return NodeFleet(nodes)
  }

  private static func node(_ number: UInt64, pid: Int32, file: String, root: String) throws -> NodeFleet.Node {
    let words = strings(in: "/proc/\(pid)/cmdline")
    guard words.count > 2, words.contains("serve") else {
      throw Failure(
        description: "\(file) names process \(pid), which is not a node that runs: scripts/cluster up")
    }
    let settings = words.indices.dropLast().reduce(into: [String: String]()) { known, place in
      guard words[place] == "--set" else { return }
      let parts = words[place + 1].split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { known[parts[0]] = parts[1] }
    }
    guard let port = settings["client.port"].flatMap(Int.init) else {
      throw Failure(description: "the command line of node\(number) does not say its client.port")
    }
    let manager = FileManager.default
    let working = try manager.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
    let executable = try manager.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
    let environment = strings(in: "/proc/\(pid)/environ").reduce(into: [String: String]()) { known, text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2 { known[parts[0]] = parts[1] }
    }
    let data = settings["data.directory"].map { $0.hasPrefix("/") ? $0 : "\(working)/\($0)" }
    let launch = NodeLaunch(
      executable: executable.replacingOccurrences(of: " (deleted)", with: ""),
      arguments: Array(words.dropFirst()), environment: environment, workingDirectory: working,
      log: "\(root)/node\(number).log", pidFile: file, dataDirectory: data)
    let certificate =
      settings["client.tls.certificate"] ?? environment["SWITCHBOARD_CLIENT_TLS_CERTIFICATE"]
      ?? certificateInFile(after: words, in: working)
    let scheme = certificate.map { $0.isEmpty ? "http" : "https" } ?? "http"
    return NodeFleet.Node(
      number: number, name: settings["node.name"] ?? "node\(number)", url: "\(scheme)://127.0.0.1:\(port)",
      peer: "", launch: launch, pid: pid)
  }

  /// What the file of `--config` says of the certificate for clients; nil: nothing.
  private static func certificateInFile(after words: [String], in working: String) -> String? {
    guard let place = words.firstIndex(of: "--config"), place + 1 < words.count else { return nil }
    let file = URL(fileURLWithPath: words[place + 1], relativeTo: URL(fileURLWithPath: working + "/"))
    guard let data = try? Data(contentsOf: file),
      let config = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let client = config["client"] as? [String: Any], let tls = client["tls"] as? [String: Any]
    else { return nil }
    return tls["certificate"] as? String
  }

  private static func strings(in file: String) -> [String] {
    guard let data = FileManager.default.contents(atPath: file) else { return [] }
    return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// One of which only addresses are known: nothing is done to its processes.
  package static func at(_ urls: [String]) -> NodeFleet {
    NodeFleet(
      urls.enumerated().map { NodeFleet.Node(number: UInt64($0 + 1), name: $1, url: $1, peer: "", launch: nil) }
    )
  }
}
