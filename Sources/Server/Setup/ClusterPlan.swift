import Certificates
import Protocol
import Raft

/// Several machines that are to be one cluster, as an operator names them.
package struct ClusterPlan: Sendable {
  /// As in `cluster` of the configuration.
  package var cluster = "switchboard"
  /// Of each machine the address or the name by which the others, and clients, reach it; the first is node 1.
  package var hosts: [String]
  /// Names of the nodes, as many as hosts; none: `node1`, `node2` ...
  package var names: [String] = []
  package var clientPort = 8101
  package var peerPort = 9101
  /// What clients may call the nodes beside: names and addresses that all certificates are for, too.
  package var aliases: [String] = []
  /// Whose pages may connect, as in `client.allowed_origins`.
  package var origins: [String] = []
  /// Clients speak plain text to the nodes: a proxy with TLS stands before them.
  package var isBehindProxy = false
  package var dataDirectory = "/var/lib/switchboard"

  /// - Parameter hosts: addresses of IPv6 with or without brackets.
  package init(hosts: [String]) {
    self.hosts = hosts.map { host in
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }
  }

  /// One machine of the plan.
  package struct Seat: Hashable, Sendable {
    package var number: Int
    package var name: String
    package var host: String
    package var peer: String
    package var client: String
    /// Where it listens.
    package var listen: String
  }

  package var seats: [Seat] {
    hosts.enumerated().map { place, host in
      let written = host.contains(":") ? "[\(host)]" : host
      return Seat(
        number: place + 1, name: names.isEmpty ? "node\(place + 1)" : names[place], host: host,
        peer: "\(written):\(peerPort)",
        client: "\(isBehindProxy ? "http" : "https")://\(written):\(clientPort)",
        // A machine need not have the address by which it is reached. What is its own alone it has.
        listen: AddressForm.isLoopback(host) ? host : host.contains(":") ? "::" : "0.0.0.0")
    }
  }

  /// All that is wrong with it, each with what to do.
  package var problems: [String] {
    var found: [String] = []
    if hosts.isEmpty { found.append("no host is named: --hosts 10.0.0.1,10.0.0.2,10.0.0.3") }
    if hosts.count > Membership.maxMembers {
      found.append("\(hosts.count) hosts are too many: a cluster has at most \(Membership.maxMembers) nodes")
    }
    if !MemberAddress.isName(cluster) {
      found.append("the name of the cluster, \"\(cluster)\", must be 1 to 128 letters, digits, . _ -")
    }
    for host in hosts {
      if host.contains("/") || host.contains("]")
        || host.split(separator: ":").count == 2 && !host.contains("::")
      {
        found.append(
          "\"\(host)\" is no host: give an address or a name alone, like 10.0.0.1; --client-port and --peer-port "
            + "have the ports")
      } else if !MemberAddress.isHost(host) || CertificateHost(host).isMistakenAddress {
        found.append("\"\(host)\" is neither an address nor the name of a host")
      } else if ["0.0.0.0", "::"].contains(host) {
        found.append(
          "\(host) is where nobody can be reached: give the address by which the others find the machine")
      }
    }
    for alias in aliases {
      // A star stands for one label.
      let name = alias.hasPrefix("*.") ? String(alias.dropFirst(2)) : alias
      if MemberAddress.isHost(name), !CertificateHost(name).isMistakenAddress { continue }
      found.append("\"\(alias)\" is neither an address nor the name of a host")
    }
    for host in Self.repeated(hosts, by: CertificateHost.init) {
      found.append(
        "\(host) is named twice: each node has a machine of its own. For three nodes on this one: scripts/cluster up"
      )
    }
    let own = hosts.filter(AddressForm.isLoopback)
    if !own.isEmpty, own.count < hosts.count {
      found.append(
        "\(own.joined(separator: ", ")) means each machine itself, and the others cannot reach it there: give the "
          + "address by which they do")
    }
    if !names.isEmpty, names.count != hosts.count {
      found.append(
        "\(names.count) names for \(hosts.count) hosts: --names takes as many as --hosts, or leave it out")
    }
    for name in names where !MemberAddress.isName(name) || name.hasPrefix(".") || name.hasPrefix("ca.") {
      found.append(
        "the name of a node, \"\(name)\", must be 1 to 128 letters, digits, . _ -, and is the name of a folder beside "
          + "ca.pem and ca.key")
    }
    for name in Self.repeated(names, by: { $0.lowercased() }) {
      found.append("two nodes are named \(name): each needs its own name")
    }
    for port in [clientPort, peerPort] where !(1...65535).contains(port) {
      found.append("\(port) is no port: 1 to 65535")
    }
    if clientPort == peerPort { found.append("clients and peers need two ports, and both are \(clientPort)") }
    return found
  }

  /// What is allowed, and perhaps not what is meant.
  package var warning: String? {
    switch hosts.count {
    case 1: "one node keeps nothing when its machine is lost: three are the least that can lose one"
    case let count where count.isMultiple(of: 2):
      "\(count) nodes can lose no more than \(count - 1) can: give an odd number"
    default: nil
    }
  }

  private static func repeated(_ texts: [String], by same: (String) -> some Hashable) -> [String] {
    var seen: Set<AnyHashable> = []
    return texts.filter { !seen.insert(AnyHashable(same($0))).inserted }
  }
}
