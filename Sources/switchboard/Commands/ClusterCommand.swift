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
          switchboard cluster status --watch --interval 5s
          switchboard cluster status --json | jq .leader
          switchboard cluster status --wait 30s      # until all nodes are there and one leads

        Exit code: 0 with a quorum, 1 when no node answers, 2 without a quorum.
        """)

    @Flag(help: "Print the first answer as it came.")
    var json = false

    @Flag(
      help: "Look again and again, until interrupted: the page is drawn anew; with --json a line for each look."
    )
    var watch = false

    @Option(help: ArgumentHelp("From one look of --watch to the next, from 200ms on.", valueName: "time"))
    var interval = "1s"

    @Option(help: ArgumentHelp("Wait until all is well, at most so long.", valueName: "time"))
    var wait: String?

    @OptionGroup var options: TargetOptions

    /// Whoever looks more often is of no use to a person, and a load to the nodes.
    private static let shortestInterval = 200

    func validate() throws {
      guard let interval = Quantity.milliseconds(interval), interval >= Self.shortestInterval else {
        throw ValidationError(
          "--interval \(interval): write it like 2s; it is \(Self.shortestInterval)ms at the least")
      }
      if let wait, Quantity.milliseconds(wait) == nil {
        throw ValidationError("--wait \(wait): write it like 30s")
      }
    }

    func run() async throws {
      var look = StatusLook(try options.target(), options)
      var view = await look.look()
      if let wait {
        let end = ContinuousClock.now + .milliseconds(Quantity.milliseconds(wait) ?? 0)
        while !isWell(view), ContinuousClock.now < end {
          try await Task.sleep(for: .milliseconds(100))
          view = await look.look()
        }
        if !isWell(view) {
          show(view)
          throw CommandFailure("Not all nodes were well within \(wait).")
        }
      }
      if watch { try await go(on: look, from: view) }
      show(view)
      guard let answer = view.first?.answer else { throw ExitCode(1) }
      if answer.health == "no_quorum" { throw ExitCode(2) }
    }

    /// Until somebody interrupts it.
    private func go(on look: StatusLook, from first: ClusterView) async throws {
      var (look, view) = (look, first)
      let pause = Duration.milliseconds(Quantity.milliseconds(interval) ?? 1000)
      var screen = WatchedPage()
      while true {
        if json {
          if let data = view.first?.json {
            Terminal.say(WatchedPage.line(data))
          } else {
            Terminal.complain(page(view))
          }
        } else {
          Terminal.put(Terminal.isSeen ? screen.next(page(view)) : page(view) + "\n\n", STDOUT_FILENO)
        }
        try await Task.sleep(for: pause)
        view = await look.look()
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
