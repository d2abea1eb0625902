import ArgumentParser
import Desk
import Foundation
import NIOCore
import Server

struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Look at a cluster, and change it.",
    subcommands: [
      StatusCommand.self, AddMemberCommand.self, RemoveMemberCommand.self, TransferCommand.self,
      DrainCommand.self,
    ])

  struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "Who leads, who lags, what is wrong and what to do about it.",
      discussion: """
        Asks every node at once. The first that answers is shown, with what each node says of itself; nodes that do \
        not answer are marked. Works without a quorum, too.

        EXAMPLES
          switchboard cluster status
          switchboard cluster status --url http://10.0.0.1:8101 --watch
          switchboard cluster status --json | jq .leader
          switchboard cluster status --wait 30s      # until all nodes are there and one leads

        Exit code: 0 with a quorum, 1 when no node answers, 2 without a quorum.
        """)

    @Option(help: "A node; may be given several times. By default the nodes of scripts/cluster.")
    var url: [String] = []

    @Flag(help: "Print the first answer as it came.")
    var json = false

    @Flag(help: "Look again every second, until interrupted.")
    var watch = false

    @Option(help: ArgumentHelp("Wait until all is well, at most so long.", valueName: "time"))
    var wait: String?

    @Option(
      help: "A token; only needed where the status is not open. By default one of the development secret.")
    var token: String?

    @OptionGroup var trust: TrustOptions

    func run() async throws {
      let urls = (url.isEmpty ? NodeAddresses.development : url).map(NodeAddresses.http)
      var look = Look(urls: urls, http: NodeHTTP(token: token, authorities: trust.ca))
      var view = await look.look()
      if let wait {
        guard let patience = Quantity.milliseconds(wait) else {
          throw ValidationError("--wait \(wait): write it like 30s")
        }
        let end = ContinuousClock.now + .milliseconds(patience)
        while !isWell(view), ContinuousClock.now < end {
          try await Task.sleep(for: .milliseconds(100))
          view = await look.look()
        }
        if !isWell(view) {
          show(view)
          throw CommandFailure("Not all nodes were well within \(wait).")
        }
      }
      while watch {
        // Home, the page, and away with what is left of the last one.
        Terminal.say(Terminal.isColourful ? "\u{1B}[H\u{1B}[2J" + page(view) : page(view) + "\n")
        try await Task.sleep(for: .seconds(1))
        view = await look.look()
      }
      show(view)
      guard let answer = view.first?.answer else { throw ExitCode(1) }
      if answer.health == "no_quorum" { throw ExitCode(2) }
    }

    /// One look after the other at the same nodes.
    private struct Look {
      let urls: [String]
      var http: NodeHTTP

      /// An open status needs no token, and a secret that lies about may be that of another cluster: it is tried where
      /// nothing is said without one, and at home alone.
      mutating func look() async -> ClusterView {
        let view = await ClusterView.ask(urls, http: http)
        guard view.first == nil, view.isRefused, http.token == nil, urls.allSatisfy(NodeAddresses.isHere),
          let path = DevelopmentSecret.path()
        else { return view }
        var options = SecretOptions()
        options.config = nil
        options.secretFile = path
        let maker = TokenMaker(role: .admin, subject: "cluster-status", seconds: 3600)
        http.token = try? await maker.token(with: options.signer())
        return http.token == nil ? view : await ClusterView.ask(urls, http: http)
      }
    }

    private func isWell(_ view: ClusterView) -> Bool {
      view.nodes.allSatisfy { $0.answer?.health == "ok" && $0.answer?.leader != nil }
    }

    private func page(_ view: ClusterView) -> String {
      StatusTable(view: view, isColourful: Terminal.isColourful).render()
    }

    private func show(_ view: ClusterView) {
      if json, let data = view.first?.json {
        Terminal.say(String(decoding: data, as: UTF8.self))
      } else if view.first == nil {
        Terminal.complain(page(view))
      } else {
        Terminal.say(page(view))
      }
    }
  }
}
