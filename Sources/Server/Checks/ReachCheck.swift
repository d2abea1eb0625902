import Foundation

/// Whether the others of a cluster, and clients, can reach this node where `members` says.
struct ReachCheck {
  private(set) var problems: [ConfigurationProblem] = []
  private(set) var warnings: [String] = []

  init(_ configuration: ServerConfiguration) {
    guard let own = configuration.thisMember else { return }
    let others = configuration.members.filter { $0.id != own.id }
    let remote = others.filter { Self.peerHost($0).map { !AddressForm.isLoopback($0) } ?? false }
    let ownHost = Self.peerHost(own) ?? ""
    let listen = configuration.peerListen
    for member in configuration.members {
      guard let host = Self.peerHost(member), Self.isWildcard(host) else { continue }
      report(
        SettingCatalog.members, member.peer,
        "is where \(member.name) listens, and nobody can be reached there: give the address by which the others find it"
      )
    }
    if !remote.isEmpty {
      let names = remote.map(\.name).joined(separator: ", ")
      if AddressForm.isLoopback(listen.host) {
        report(
          SettingCatalog.peerHost, listen.host,
          "is this machine's own, and \(names) on other machines cannot connect to it: give the address of this machine "
            + "by which they reach it, or 0.0.0.0")
      }
      if AddressForm.isLoopback(ownHost) {
        report(
          SettingCatalog.members, own.peer,
          "is the address of \(own.name), and means each machine itself: \(names) cannot reach it there; give the "
            + "address by which they do")
      }
    } else if !others.isEmpty, !AddressForm.isLoopback(ownHost),
      others.allSatisfy({ Self.peerHost($0).map(AddressForm.isLoopback) ?? false })
    {
      warnings.append(
        "the other members have addresses of this machine alone, and \(own.name) has \(own.peer): if they are on other "
          + "machines, give the addresses by which they are reached")
    }
    if let port = own.peer.split(separator: ":").last.flatMap({ Int($0) }), port != listen.port {
      warnings.append(
        "the others connect to \(own.peer) (`members`), and this node listens at port \(listen.port) (peer.port): right "
          + "only if something in between forwards it")
    }
    checkClients(configuration, own, isAlone: remote.isEmpty)
  }

  private mutating func checkClients(
    _ configuration: ServerConfiguration, _ own: ServerConfiguration.Member, isAlone: Bool
  ) {
    guard let url = URLComponents(string: own.client),
      let host = url.host?.trimmingCharacters(in: ["[", "]"])
    else { return }
    if Self.isWildcard(host) {
      report(
        SettingCatalog.members, own.client,
        "is where clients are sent, and nobody can be reached there: give the address by which they find \(own.name)"
      )
    } else if !isAlone, AddressForm.isLoopback(host) {
      warnings.append(
        "clients of \(own.name) are sent to \(own.client) (`members`), which means the client's own machine: give the "
          + "address by which they reach it")
    } else if !AddressForm.isLoopback(host), AddressForm.isLoopback(configuration.clientListen.host) {
      warnings.append(
        "clients are sent to \(own.client) (`members`), and this node listens at \(configuration.clientListen) for "
          + "programs of this machine alone: right only if a proxy here forwards them")
    }
  }

  private mutating func report(_ setting: Setting, _ value: String, _ text: String) {
    problems.append(ConfigurationProblem(key: setting.key, value: value, problem: text))
  }

  private static func peerHost(_ member: ServerConfiguration.Member) -> String? {
    try? HostAndPort.split(member.peer, key: "members").host
  }

  private static func isWildcard(_ host: String) -> Bool {
    host == "0.0.0.0" || host.utf8.allSatisfy { [UInt8(ascii: ":"), UInt8(ascii: "0")].contains($0) }
  }
}
