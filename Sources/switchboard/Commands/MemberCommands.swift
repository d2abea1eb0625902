import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1

/// `switchboard cluster add`.
struct AddMemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Take a node into the running cluster.",
    discussion: """
      Start the node first, with an empty data directory and the others in its `members`; it waits to be taken in. It \
      then receives the log, and votes as soon as it has caught up.

      EXAMPLES
        switchboard cluster add --id 4 --peer 10.0.0.4:9101 --client http://10.0.0.4:8101
        switchboard cluster add --id 4 --peer 10.0.0.4:9101 --client http://10.0.0.4:8101 --replaces node2

      Exit code: 0 when the node votes, 1 when it was refused or has not caught up in time (it goes on by itself).
      """)

  @Option(help: "Number of the node, never used before in this cluster.")
  var id: UInt64
  @Option(help: ArgumentHelp("Where peers reach it.", valueName: "host:port"))
  var peer: String
  @Option(help: ArgumentHelp("Where clients reach it.", valueName: "url"))
  var client: String
  @Option(help: "Its name; by default `node` and the number.")
  var name: String?
  @Option(help: ArgumentHelp("A node that goes when this one votes.", valueName: "name"))
  var replaces: String?
  @Option(help: ArgumentHelp("How long to wait until it votes; 0s: not at all.", valueName: "time"))
  var wait = "60s"
  @OptionGroup var target: ControlTarget

  func run() async throws {
    struct Body: Encodable {
      var id: UInt64
      var name: String?
      var peer: String
      var client: String
      var replaces: String?
    }
    let body = Body(id: id, name: name, peer: peer, client: client, replaces: replaces)
    let control = try await target.control()
    _ = try await control.ask(.POST, "/v1/cluster/members", body)
    let member = name ?? "node\(id)"
    try await control.awaitMembers(within: wait, doing: "\(member) votes") { status in
      status.change == nil && status.members?.contains { $0.id == member && $0.voter == true } == true
        && status.members?.contains { $0.id == replaces } != true
    }
  }
}

/// `switchboard cluster remove`.
struct RemoveMemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take a node out of the running cluster; the leader, too.",
    discussion: """
      Its sessions go to the others, its clients are sent to them, and its process ends.

      EXAMPLES
        switchboard cluster remove node2
      """)

  @Argument(help: "The name of the node.")
  var node: String
  @Option(help: ArgumentHelp("How long to wait until it is out; 0s: not at all.", valueName: "time"))
  var wait = "30s"
  @OptionGroup var target: ControlTarget

  func run() async throws {
    let control = try await target.control()
    let path = node.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? node
    _ = try await control.ask(.DELETE, "/v1/cluster/members/\(path)", nil)
    try await control.awaitMembers(within: wait, doing: "\(node) is out") { status in
      status.change == nil && status.leader != node
        && status.members?.contains { $0.id == node } == false
    }
  }
}

/// `switchboard cluster transfer`.
struct TransferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Hand leadership to another node.",
    discussion: """
      Nothing is lost and nobody is disconnected: proposals wait for a moment.

      EXAMPLES
        switchboard cluster transfer           # to whichever node is furthest
        switchboard cluster transfer node2
      """)

  @Argument(help: "The name of the node that is to lead.")
  var node: String?
  @OptionGroup var target: ControlTarget

  func run() async throws {
    struct Body: Encodable { var node: String? }
    struct Report: Decodable {
      var from: String
      var to: String
      var milliseconds: Double
    }
    let control = try await target.control()
    let answer = try await control.ask(.POST, "/v1/cluster/leader", Body(node: node))
    let report = try JSONDecoder().decode(Report.self, from: answer)
    let time = (report.milliseconds * 10).rounded() / 10
    Terminal.say("\(report.to) leads now; \(report.from) handed over within \(time) ms.")
  }
}

/// `switchboard cluster drain`.
struct DrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Empty a node of leadership, sessions and clients, so that it can be stopped.",
    discussion: """
      The node goes on voting. SIGTERM does the same before the node ends.

      EXAMPLES
        switchboard cluster drain node2
        switchboard cluster drain node2 --undo
      """)

  @Argument(help: "The name of the node.")
  var node: String
  @Flag(help: "The node takes clients and sessions again.")
  var undo = false
  @OptionGroup var target: ControlTarget

  func run() async throws {
    var control = try await target.control()
    control.http.timeout = .seconds(30)
    _ = try await control.ask(undo ? .DELETE : .POST, "/v1/nodes/\(node)/drain")
    Terminal.say(undo ? "\(node) takes clients and sessions again." : "\(node) is drained.")
  }
}
