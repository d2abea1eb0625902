import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A cluster for this run alone: three processes of a `switchboard`, each in a network namespace of its own or on
/// free ports of this machine, with data in a folder of their own.
package enum OwnCluster {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// How nodes are kept from hearing each other. The raw value is that of `--network`.
  package enum Network: String, CaseIterable, Sendable {
    /// Namespaces where they can be had.
    case auto
    case namespaces
    case endpoint
  }

  /// To sign tokens with.
  package static func newSecret() -> String {
    String((0..<64).map { _ in "0123456789abcdef".randomElement() ?? "0" })
  }

  /// What the nodes are for.
  package enum Purpose: Sendable {
    /// Small files and frequent snapshots, so that a run of minutes goes through compaction and new segments, too.
    case faults
    /// As in production, but for the limits of clients, which are off: all load comes from one address.
    case measuring
    /// The same without archives.
    case measuringBare
    /// As for measuring, and what is over leaves memory after a minute: so that what lives is of the same size long before the end.
    case soaking
  }

  /// Files in PEM by which nodes serve clients with TLS; the certificate is for 127.0.0.1.
  package struct Serving: Sendable {
    package var certificate: String
    package var key: String
    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// What nodes for faults may have of file descriptors: few, so that a crowd can take them.
  private static let fewDescriptors = 512

  /// Where a node listens, and what its process is started with.
  private struct Seat {
    var host: String
    var clientPort: Int
    var peerPort: Int
    var room: NamespaceSite.Room?
  }

  /// Writes the configuration; nothing is started yet. What is made of network namespaces goes with `dismiss`.
  ///
  /// - Parameters:
  ///   - executable: the program.
  ///   - directory: a folder without data; it gets the configuration, the logs and the data.
  ///   - secret: what tokens are signed with, 32 bytes or more.
  package static func prepare(
    executable: String, directory: String, secret: String, network: Network = .endpoint,
    purpose: Purpose = .faults, serving: Serving? = nil
  ) throws -> NodeFleet {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let present = try FileManager.default.contentsOfDirectory(atPath: directory)
    guard !present.contains(where: { $0.hasPrefix("data-") }) else {
      throw Failure(description: "\(directory) has the data of an earlier run: choose another, or remove it")
    }
    try secret.write(toFile: directory + "/secret", atomically: true, encoding: .utf8)
    _ = chmod(directory + "/secret", 0o600)
    var (site, refusal): (NamespaceSite?, String?) = (nil, nil)
    var seats: [Seat] = []
    if network != .endpoint {
      do { (site, seats) = try namespaces() } catch {
        guard network == .auto else { throw Failure(description: "no network namespaces: \(error)") }
        refusal = "\(error)"
      }
    }
    if site == nil { seats = try loopback(3) }
    do {
      let nodes = seats.enumerated().map { place, seat in
        node(UInt64(place + 1), seat, site, executable: executable, directory: directory, purpose, serving)
      }
      for node in nodes { try configure(node, members: nodes, directory: directory, purpose, serving) }
      let begin = ["begin", "--config", "\(directory)/\(nodes[0].name).json"]
      _ = try SystemTool(path: executable).run(begin)
      return NodeFleet(
        nodes, directory: directory, descriptors: purpose == .faults ? fewDescriptors : nil, site: site,
        siteRefusal: refusal,
        makeNode: { [site] number, others in
          try await SystemTool.aside {
            let seat = try site.map { try Self.seat(number, $0) } ?? loopback(1)[0]
            let new = node(
              number, seat, site, executable: executable, directory: directory, purpose, serving)
            try configure(new, members: others + [new], directory: directory, purpose, serving)
            return new
          }
        }, configure: { try configure($0, members: $1, directory: directory, purpose, serving) })
    } catch {
      site?.close()
      throw error
    }
  }

  private static func namespaces() throws -> (NamespaceSite, [Seat]) {
    let site = try NamespaceSite.open()
    do { return (site, try (1...3).map { try seat($0, site) }) } catch {
      site.close()
      throw error
    }
  }

  /// Nobody else is in the namespace: the ports are always the same.
  private static func seat(_ number: UInt64, _ site: NamespaceSite) throws -> Seat {
    let room = try site.addRoom(for: "node\(number)", number: number)
    return Seat(host: room.address, clientPort: 8101, peerPort: 9101, room: room)
  }

  private static func loopback(_ count: Int) throws -> [Seat] {
    let ports = try freePorts(count * 2)
    return (0..<count).map { Seat(host: "127.0.0.1", clientPort: ports[$0], peerPort: ports[$0 + count]) }
  }

  private static func node(
    _ number: UInt64, _ seat: Seat, _ site: NamespaceSite?, executable: String, directory: String,
    _ purpose: Purpose, _ serving: Serving?
  ) -> NodeFleet.Node {
    let name = "node\(number)"
    var program = [executable, "serve", "--config", "\(directory)/\(name).json"]
    if purpose == .faults {
      // The shell becomes the node: the process id stays the same.
      program = ["/bin/sh", "-c", "ulimit -n \(fewDescriptors); exec \"$0\" \"$@\""] + program
    }
    var launch = NodeLaunch(
      executable: program[0], arguments: Array(program.dropFirst()),
      log: "\(directory)/\(name).log", dataDirectory: "\(directory)/data-\(name)")
    if let site, let room = seat.room {
      (launch.executable, launch.arguments) = site.launch(program, in: room)
    }
    return NodeFleet.Node(
      number: number, name: name, url: "\(serving == nil ? "http" : "https")://\(seat.host):\(seat.clientPort)",
      peer: "\(seat.host):\(seat.peerPort)", launch: launch)
  }

  private static func configure(
    _ node: NodeFleet.Node, members: [NodeFleet.Node], directory: String, _ purpose: Purpose,
    _ serving: Serving? = nil
  ) throws {
    func listening(_ address: String) -> [String: Any] {
      let parts = address.split(separator: ":")
      return ["host": String(parts.first ?? ""), "port": parts.last.flatMap { Int($0) } ?? 0]
    }
    var client: [String: Any] = ["threads": 1]
    if let serving {
      client["tls"] = ["certificate": serving.certificate, "key": serving.key]
    } else if !node.peer.hasPrefix("127.") {
      client["allow_plaintext"] = true
    }
    var config: [String: Any] = [
      "cluster": "verify", "node": ["id": node.number],
      "members": members.map {
        ["id": $0.number, "name": $0.name, "peer": $0.peer, "client": $0.url] as [String: Any]
      },
      // In the network of a play nobody else is there.
      "client": listening(node.url.split(separator: "/").last.map(String.init) ?? "").merging(client) { $1 },
      "peer": listening(node.peer).merging(node.peer.hasPrefix("127.") ? [:] : ["allow_plaintext": true]) {
        $1
      },
      "data": ["directory": node.launch?.dataDirectory ?? ""],
      "jwt": ["secret_file": directory + "/secret"],
    ]
    switch purpose {
    case .faults:
      config["storage"] = ["segment_bytes": "1MiB"]
      config["raft"] = ["snapshot_entries": 2000]
      // So that what is over leaves memory while faults come.
      config["history"] = ["linger_ms": 5000]
      // All load comes from one address; a crowd of strangers is to meet a bound nevertheless.
      // As many clients as its few descriptors leave.
      config["limits"] = [
        "rate_per_connection": 0, "rate_per_address": 400, "burst_per_address": 800, "max_connections": 0,
        "http_connections": 0,
      ]
      config["development"] = ["faults": true]
    case .measuring, .measuringBare, .soaking:
      if purpose == .soaking { config["history"] = ["linger_ms": 60_000] }
      if purpose == .measuringBare { config["history"] = ["archive": false] }
      config["limits"] = [
        "rate_per_connection": 0, "rate_per_address": 0, "connections_per_address": 0,
        "http_connections_per_address": 0,
        "sessions_per_connection": 0, "open_requests": 0, "outbound_bytes": 0, "sessions_per_customer": 0,
        "opens_per_hour": 0, "customer_bytes_per_hour": 0, "messages_per_session": 0, "session_bytes": 0,
      ]
    }
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
