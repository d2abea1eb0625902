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

    @Flag(help: "Print the first answer as it came.")
    var json = false

    @Flag(help: "Look again every second, until interrupted.")
    var watch = false

    @Option(help: ArgumentHelp("Wait until all is well, at most so long.", valueName: "time"))
    var wait: String?

    @OptionGroup var options: TargetOptions

    func run() async throws {
      var target = try options.target()
      if target.token == nil, options.secret.isGiven {
        let maker = TokenMaker(role: .admin, subject: "cluster-status", seconds: 86_400)
        target.token = try await options.bearer(of: target, else: maker)
      }
      var look = Look(
        urls: target.urls, http: NodeHTTP(token: target.token, authorities: target.authorities))
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
