import ArgumentParser
import Desk
import Foundation
import NIOHTTP1
import Server
import SwitchboardClient

struct EraseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Erase all conversations of a customer, everywhere and for ever.",
    discussion: """
      Sessions that the customer has opened in the desk go with all that anybody has said in them: from memory at once, from \
      the archives, the log and the snapshots of each node within some minutes, which this waits for. Sessions that are open \
      are not touched: close them first. What lies elsewhere is yours to delete: exports, backups (see 'switchboard restore'), and \
      what 'switchboard rebuild' has moved aside.

      EXAMPLES
        switchboard erase ben
        switchboard erase ben --desk acme --wait 0s

      For admins. \(Exit.summary)
      """)

  @Argument(help: "Whose conversations.")
  var customer: String
  @Option(help: "What the request is remembered by, to ask the same again.")
  var id: String?
  @Option(
    help: ArgumentHelp(
      "How long to wait until nothing is left on the nodes that are asked; 0s: not at all.", valueName: "time"))
  var wait = "10m"
  @Flag(help: "Print an object: whether nothing is left, by node.")
  var json = false
  @OptionGroup var asker: AskerOptions
  @OptionGroup var target: TargetOptions

  func validate() throws {
    guard Quantity.milliseconds(wait) != nil else { throw ValidationError("--wait \(wait): write it like 10m") }
    if let id, id.isEmpty { throw ValidationError("--id is empty") }
    try asker.check(EraseCustomer.allowed)
  }

  func run() async throws {
    let cluster = try target.target()
    let token = try await target.bearer(of: cluster, else: asker.maker(for: EraseCustomer.allowed))
    let round = NodeRound(
      urls: cluster.urls, http: NodeHTTP(token: token, authorities: cluster.authorities), patience: .seconds(10)
    )
    let body = try JSONSerialization.data(withJSONObject: ["customer": customer])
    let path = EraseCustomer.route?.path ?? ""
    let answer = try await round.ask(.POST, path, body, id: id ?? SwitchboardConnection.newID())
    guard (200..<300).contains(answer.status) else { throw CommandFailure(NodeHTTP.refusal(answer)) }
    if !json { Terminal.say("Erased: nobody finds it any more.") }
    let nodes = try await waitUntilGone(cluster)
    if json { Terminal.say(try Self.json(nodes)) }
    guard nodes.values.allSatisfy({ $0 }) else {
      if Quantity.milliseconds(wait) == 0 { return }
      throw CommandFailure(
        "Something of it may still be in files of \(nodes.filter { !$0.value }.keys.sorted().joined(separator: ", ")): "
          + "they take it out as soon as they can. 'switchboard archive status' says when they have.", .notNow)
    }
    if !json {
      Terminal.say("Nothing of it is left in the files of \(nodes.keys.sorted().joined(separator: ", ")).")
    }
  }

  /// By the node or its address: nothing is left there.
  private func waitUntilGone(_ cluster: ClusterTarget) async throws -> [String: Bool] {
    let end = ContinuousClock.now + .milliseconds(Quantity.milliseconds(wait) ?? 0)
    var look = StatusLook(cluster, target)
    // Whoever has applied this has applied the erasure.
    var behind: Int?
    while true {
      let nodes = await look.look().nodes
      let members = nodes.flatMap { $0.answer?.members ?? [] }
      behind = behind ?? members.compactMap(\.appliedIndex).max()
      var gone: [String: Bool] = [:]
      for node in nodes {
        let name = node.answer?.observedBy ?? node.url
        let own = node.answer?.members?.first { $0.id == name }
        gone[name] = own?.archive?.erasing == false && own?.appliedIndex ?? -1 >= behind ?? .max
      }
      guard !gone.values.allSatisfy({ $0 }), ContinuousClock.now < end else { return gone }
      try await Task.sleep(for: .milliseconds(300))
    }
  }

  private static func json(_ nodes: [String: Bool]) throws -> String {
    let object: [String: Any] = ["erased": true, "nothing_left": nodes]
    let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
    return String(decoding: data, as: UTF8.self)
  }
}
