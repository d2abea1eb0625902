import Foundation
import Synchronization

/// A small network inside this machine: a bridge, a network namespace for each node, and a cable to the verifier.
///
/// The bridge has a namespace, too: there a firewall of this machine that looks at what its bridges pass on (Docker
/// makes one) does not see it. Only the verifier's end of its cable is among the links of the machine itself.
final class NamespaceSite: Sendable, CustomStringConvertible {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Where a node is.
  struct Room: Sendable {
    var place: Int
    var namespace: String
    var address: String
  }

  private static let bridge = "bridge"

  private let ip: SystemTool
  private let iptables: SystemTool
  private let names: NamespaceNames
  private let subnet: Subnet
  private let rooms = Mutex<[String: Room]>([:])

  /// - Throws: `Failure` that says why there can be none here. Nothing is left then.
  static func open() throws -> NamespaceSite {
    guard geteuid() == 0 else { throw Failure(description: "only root can make them") }
    guard let ip = SystemTool.find("ip") else { throw Failure(description: "there is no `ip` (iproute2)") }
    guard let iptables = SystemTool.find("iptables-restore") else {
      throw Failure(description: "there is no `iptables-restore` (iptables)")
    }
    let process = getpid()
    do {
      let names = try ip.links() + ip.namespaces()
      // This process has none yet: what bears its number is of an earlier one.
      let leftovers = NamespaceNames.leftovers(among: names) { $0 != process && isRunning($0) }
      for name in leftovers { ip.remove(name) }
      let taken = try ip.run(["-o", "-4", "address"]) + ip.run(["-4", "route", "show", "table", "all"])
      guard let subnet = Subnet.free(taken: taken, process: process) else {
        throw Failure(description: "all of 198.18.0.0/15 is in use here")
      }
      let site = NamespaceSite(
        ip: ip, iptables: iptables, names: NamespaceNames(process: process), subnet: subnet)
      do { try site.build() } catch {
        site.close()
        throw error
      }
      return site
    } catch let failure as SystemTool.Failure {
      throw Failure(description: failure.description)
    }
  }

  private init(ip: SystemTool, iptables: SystemTool, names: NamespaceNames, subnet: Subnet) {
    self.ip = ip
    self.iptables = iptables
    self.names = names
    self.subnet = subnet
  }

  var description: String { "namespaces \(names.room(1))..., \(subnet)" }
  /// Of the nodes, by name.
  var addresses: [String: String] { rooms.withLock { $0.mapValues(\.address) } }

  /// Other addresses of the verifier's.
  var strangers: [String] { subnet.strangers }

  private func build() throws {
    let (hub, link, bridge) = (names.hub, names.link, Self.bridge)
    try ip.run(["netns", "add", hub])
    try ip.run(["-n", hub, "link", "add", bridge, "type", "bridge"])
    try ip.run(["-n", hub, "link", "set", bridge, "up"])
    try ip.run(["link", "add", link, "type", "veth", "peer", "name", "own", "netns", hub])
    try ip.run(["-n", hub, "link", "set", "own", "master", bridge, "up"])
    for address in [subnet.own] + strangers { try ip.run(["address", "add", address + "/24", "dev", link]) }
    try ip.run(["link", "set", link, "up"])
  }

  /// A namespace with an address for a node that was not there before.
  ///
  /// It stays when the node is gone, so that its address answers like a machine that has lost its process.
  func addRoom(for name: String, number: UInt64) throws -> Room {
    let place = Subnet.place(of: number)
    let room = Room(place: place, namespace: names.room(place), address: subnet.address(place))
    // Hundreds of nodes ago somebody else may have had it.
    let isTaken = rooms.withLock { rooms in
      let former = rooms.filter { $0.value.place == place }.keys
      for name in former { rooms[name] = nil }
      return !former.isEmpty
    }
    let cable = "node\(place)"
    if isTaken {
      try ip.run(["-n", names.hub, "link", "delete", cable])
      ip.remove(room.namespace)
    }
    try ip.run(["netns", "add", room.namespace])
    try ip.run([
      "-n", names.hub, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "address",
      subnet.hardware(place), "netns", room.namespace,
    ])
    try ip.run(["-n", names.hub, "link", "set", cable, "master", Self.bridge, "up"])
    try ip.run(["-n", room.namespace, "link", "set", "lo", "up"])
    try ip.run(["-n", room.namespace, "address", "add", room.address + "/24", "dev", "eth0"])
    try ip.run(["-n", room.namespace, "link", "set", "eth0", "up"])
    rooms.withLock { $0[name] = room }
    // Tried now, when there still is another way to cut nodes off.
    try apply(PacketRules(), to: name)
    guard Reachability.answers(room.address, within: 3) else {
      throw Failure(description: "\(room.address) in \(room.namespace) does not answer")
    }
    return room
  }

  /// The rules take the place of all that the node's namespace had.
  func apply(_ rules: PacketRules, to name: String) throws {
    guard let room = rooms.withLock({ $0[name] }) else { return }
    try ip.run(command(in: room.namespace, [iptables.path, "-w", "5"]), input: rules.text)
  }

  /// A command that becomes the program: the process id stays the same.
  func launch(_ program: [String], in room: Room) -> (executable: String, arguments: [String]) {
    (ip.path, command(in: room.namespace, program))
  }

  private func command(in namespace: String, _ program: [String]) -> [String] {
    ["netns", "exec", namespace] + program
  }

  /// Removes everything; processes in the namespaces are killed. It may be called again.
  func close() {
    let process = names.process
    let all = ((try? ip.links()) ?? []) + ((try? ip.namespaces()) ?? [])
    for name in all where NamespaceNames.owner(of: name) == process { ip.remove(name) }
    rooms.withLock { $0 = [:] }
  }

  private static func isRunning(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }
}

extension SystemTool {
  fileprivate func namespaces() throws -> [String] {
    try run(["netns", "list"]).split(whereSeparator: \.isNewline)
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  fileprivate func links() throws -> [String] {
    // 7: NAME@if2: <BROADCAST,...
    try run(["-o", "link"]).split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(separator: " ")
      return words.count > 1 ? words[1].split { $0 == "@" || $0 == ":" }.first.map(String.init) : nil
    }
  }

  /// A namespace with the processes in it, or a link. What is gone already is no failure.
  fileprivate func remove(_ name: String) {
    guard name.contains("-") else {
      _ = try? run(["link", "delete", name])
      return
    }
    for process in ((try? run(["netns", "pids", name])) ?? "").split(whereSeparator: \.isWhitespace) {
      if let process = Int32(process), process > 1 { kill(process, SIGKILL) }
    }
    _ = try? run(["netns", "delete", name])
  }
}
