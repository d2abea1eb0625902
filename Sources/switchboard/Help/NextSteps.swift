import Server

/// What is to be done with the files of a new cluster, for whoever has just made them.
struct NextSteps {
  var plan: ClusterPlan
  var directory: String

  var text: String {
    let seats = plan.seats
    guard let first = seats.first else { return "" }
    let file = "/etc/switchboard/\(SetupFolder.configurationFile)"
    let rows = seats.map { "  \(directory)/\($0.name)/" }
    let width = (rows.map(\.count).max() ?? 0) + 2
    let folders = zip(rows, seats).map { row, seat in
      row + String(repeating: " ", count: width - row.count)
        + "for \(seat.host): \(SetupFolder.configurationFile), certificates, keys, secrets"
    }
    let copies = seats.map {
      "     scp \(directory)/\($0.name)/* root@\(Self.written($0.host)):/etc/switchboard/"
    }
    let trust = plan.isBehindProxy ? "" : " --ca \(directory)/ca.pem"
    let doors =
      plan.isBehindProxy
      ? ["  Clients: \(first.client) and the others, without TLS: only a proxy may reach that port."]
      : [
        "  Browsers want a certificate of an authority that they know: put it into client.tls when you have it."
      ]
    return
      ([
        "The files of the cluster \(plan.cluster) are written:", "",
        "  \(directory)/ca.key  the key of its authority. Keep it away from the nodes, and keep it: new nodes need it",
        "  \(directory)/ca.pem  the authority, for clients",
      ] + folders + [
        "", "Next:", "",
        "  1. Install switchboard on each host, and copy its files there:", "",
      ] + copies + [
        "",
        "  2. On each host, give them to the node, and ask whether all is well:", "",
        "     chown switchboard: /etc/switchboard/*",
        "     runuser -u switchboard -- switchboard config check --config \(file)", "",
        "  3. On \(first.host) alone, once, say that a cluster begins:", "",
        "     runuser -u switchboard -- switchboard begin --config \(file)", "",
        "  4. On each host, start the node:", "",
        "     systemctl enable --now switchboard", "",
        "  5. From here, see whether they found each other:", "",
        "     switchboard cluster status --url \(first.client)\(trust)", "",
        "  Open between the hosts: port \(plan.peerPort) (TCP and UDP). To clients: port \(plan.clientPort) (TCP).",
        "  Tokens for people are signed with \(directory)/\(first.name)/token.secret: switchboard token --help",
      ] + doors).joined(separator: "\n")
  }

  /// As scp wants it: an address of IPv6 in brackets.
  private static func written(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
