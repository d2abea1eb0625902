import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A cluster for this run alone: three processes of a `switchboard` on free ports of this machine, with data in a
/// folder of their own.
package enum OwnCluster {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// Writes the configuration; nothing is started yet.
  ///
  /// - Parameters:
  ///   - executable: the program.
  ///   - directory: an empty folder; it has the configuration, the logs and the data.
  ///   - secret: what tokens are signed with, 32 bytes or more.
  package static func prepare(executable: String, directory: String, secret: String) throws -> NodeFleet {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try secret.write(toFile: directory + "/secret", atomically: true, encoding: .utf8)
    _ = chmod(directory + "/secret", 0o600)
    let ports = try freePorts(6)
    var nodes: [NodeFleet.Node] = []
    for number in 1...3 {
      nodes.append(
        node(UInt64(number), ports[number - 1], ports[number + 2], executable: executable, directory: directory)
      )
    }
    for node in nodes { try configure(node, members: nodes, directory: directory) }
    return NodeFleet(nodes, directory: directory) { number, others in
      let ports = try freePorts(2)
      let new = node(number, ports[0], ports[1], executable: executable, directory: directory)
      try configure(new, members: others + [new], directory: directory)
      return new
    }
  }

  private static func node(
    _ number: UInt64, _ clientPort: Int, _ peerPort: Int, executable: String, directory: String
  ) -> NodeFleet.Node {
    let name = "node\(number)"
    let launch = NodeLaunch(
      executable: executable, arguments: ["serve", "--config", "\(directory)/\(name).json"],
      log: "\(directory)/\(name).log", dataDirectory: "\(directory)/data-\(name)")
    return NodeFleet.Node(
      number: number, name: name, url: "http://127.0.0.1:\(clientPort)", peer: "127.0.0.1:\(peerPort)",
      launch: launch)
  }

  private static func configure(_ node: NodeFleet.Node, members: [NodeFleet.Node], directory: String) throws {
    let clientPort = Int(node.url.split(separator: ":").last ?? "") ?? 0
    let peerPort = Int(node.peer.split(separator: ":").last ?? "") ?? 0
    let config: [String: Any] = [
      "cluster": "verify", "node": ["id": node.number],
      "members": members.map {
        ["id": $0.number, "name": $0.name, "peer": $0.peer, "client": $0.url] as [String: Any]
      },
      "client": ["host": "127.0.0.1", "port": clientPort, "threads": 1],
      "peer": ["host": "127.0.0.1", "port": peerPort],
      "data": ["directory": node.launch?.dataDirectory ?? ""],
      // Small, so that a run of minutes goes through snapshots, compaction and new segments, too.
      "storage": ["segment_bytes": "1MiB"], "raft": ["snapshot_entries": 2000],
      "jwt": ["secret_file": directory + "/secret"],
      "limits": ["rate_per_connection": 0, "rate_per_address": 0],
      "development": ["faults": true],
    ]
    let data = try JSONSerialization.data(withJSONObject: config, options: [.prettyPrinted, .sortedKeys])
    try data.write(to: URL(fileURLWithPath: "\(directory)/\(node.name).json"))
  }

  /// Below the range from which the system gives ports to connections: nobody else takes them by chance.
  private static func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    var ports: [Int] = []
    for _ in 0..<1_000 where ports.count < count {
      let port = Int.random(in: 12_000..<30_000)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { continue }
      sockets.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let isFree = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      if isFree { ports.append(port) }
    }
    guard ports.count == count else { throw Failure(description: "there are no free ports on this machine") }
    return ports
  }
}
