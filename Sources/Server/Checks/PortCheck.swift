import NIOCore
import NIOPosix
import Wire

/// Whether a node could listen where its configuration says: each port is taken for a moment, as the node would.
enum PortCheck {
  static func problems(_ configuration: ServerConfiguration) -> [ConfigurationProblem] {
    var problems: [ConfigurationProblem] = []
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    func attempt(
      _ listen: ServerConfiguration.ListenAddress, _ setting: Setting, _ purpose: String,
      _ bind: () throws -> any Channel
    ) {
      do {
        try bind().close().wait()
      } catch {
        let failure = ListenFailure(
          error, purpose: purpose, host: listen.host, port: listen.port, key: setting.key)
        problems.append(
          ConfigurationProblem(key: setting.key, value: "\(listen.port)", problem: "\(failure)"))
      }
    }
    func stream(_ listen: ServerConfiguration.ListenAddress) throws -> any Channel {
      try ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .bind(host: listen.host, port: listen.port).wait()
    }
    let (clients, peers) = (configuration.clientListen, configuration.peerListen)
    attempt(clients, SettingCatalog.clientPort, "clients") { try stream(clients) }
    attempt(peers, SettingCatalog.peerPort, "peers") { try stream(peers) }
    if configuration.gossip.isEnabled, !configuration.gossip.keys.isEmpty {
      attempt(peers, SettingCatalog.peerPort, "gossip") {
        try DatagramBootstrap(group: group).bind(host: peers.host, port: peers.port).wait()
      }
    }
    return problems
  }
}
