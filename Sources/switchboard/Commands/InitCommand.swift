import ArgumentParser
import Foundation
import Server

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract:
      "Write the files of a new cluster: configurations, certificates and secrets for several machines.",
    discussion: """
      Run it once, on a machine of the operator's. It writes a folder for each host, with all that the node there needs, \
      and beside them an authority of the cluster's own, which signs its certificates. Nothing that exists is written \
      over. Then it says what to copy where. docs/tutorial-three-hosts.md goes the whole way.

      EXAMPLES
        switchboard init --hosts 10.0.0.1,10.0.0.2,10.0.0.3
        switchboard init --hosts a.shop.example,b.shop.example,c.shop.example --cluster shop --directory shop
        switchboard init --hosts 10.0.0.1,10.0.0.2,10.0.0.3 --dns chat.shop.example --origin https://shop.example
      """)

  @Option(
    help: ArgumentHelp(
      "The machines, with commas: the address or the name by which the others and the clients reach each. The first is node 1.",
      valueName: "list"))
  var hosts: [String]

  @Option(
    help: ArgumentHelp(
      "The folder to write; it must not be there yet. By default the name of the cluster and -cluster.",
      valueName: "path"))
  var directory: String?

  @Option(help: "The name of the cluster.")
  var cluster = "switchboard"

  @Option(help: ArgumentHelp("Names of the nodes, with commas; by default node1, node2 ...", valueName: "list"))
  var names: [String] = []

  @Option(help: ArgumentHelp("Where clients and HTTP are served.", valueName: "port"))
  var clientPort = 8101

  @Option(help: ArgumentHelp("Where the nodes talk to each other, by TCP and UDP.", valueName: "port"))
  var peerPort = 9101

  @Option(
    help: ArgumentHelp(
      "Other names by which clients call the nodes; all certificates are for them, too.", valueName: "list"))
  var dns: [String] = []

  @Option(help: ArgumentHelp("Other addresses, likewise.", valueName: "list"))
  var address: [String] = []

  @Option(
    help: ArgumentHelp(
      "Whose pages may connect: origins like https://shop.example, with commas.", valueName: "list"))
  var origin: [String] = []

  @Flag(help: "Clients speak plain text to the nodes: a proxy with TLS stands before them.")
  var behindProxy = false

  @Option(help: ArgumentHelp("Where each node keeps its data.", valueName: "path"))
  var data = "/var/lib/switchboard"

  func run() throws {
    var plan = ClusterPlan(hosts: Self.items(hosts))
    plan.cluster = cluster
    plan.names = Self.items(names)
    plan.clientPort = clientPort
    plan.peerPort = peerPort
    plan.aliases = Self.items(dns) + Self.items(address)
    plan.origins = Self.items(origin)
    plan.isBehindProxy = behindProxy
    plan.dataDirectory = data
    let directory = directory ?? "\(cluster)-cluster"
    do {
      try SetupFolder.write(plan, to: directory, at: Int64(Date().timeIntervalSince1970))
    } catch {
      throw CommandFailure("\(error)")
    }
    if let warning = plan.warning { Terminal.complain("warning: \(warning)") }
    Terminal.say(NextSteps(plan: plan, directory: directory).text)
  }

  private static func items(_ texts: [String]) -> [String] {
    texts.flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
