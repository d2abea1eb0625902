import ArgumentParser
import Foundation
import Server
import Storage

struct RebuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Empty the data of a damaged node, so that its peers bring it back.",
    discussion: """
      For a node that does not start because its data is damaged. The node must be stopped and the other nodes must \
      have a majority without it. What is there is moved aside, not deleted. When the node is started again, its peers \
      make it a learner, send it everything, and let it vote once it has caught up.

      EXAMPLES
        switchboard rebuild --data /var/lib/switchboard
        switchboard rebuild --data /var/lib/switchboard --check      # only say what is damaged
      """)

  @Option(help: ArgumentHelp("The data directory of the node.", valueName: "path"))
  var data: String
  @Flag(help: "Change nothing: say what is there and what is damaged.")
  var check = false
  @Flag(help: "Delete the old files instead of moving them aside.")
  var discard = false
  @Option(help: "The cluster, where no file of the directory says it any more.")
  var cluster: String?
  @Option(help: "The number of the node, where no file of the directory says it any more.")
  var node: UInt64?

  func run() async throws {
    var identity: StoreIdentity?
    if let cluster, let node { identity = StoreIdentity(cluster: cluster, node: node) }
    let found = try StoreInspection.inspect(directory: data, expecting: identity)
    describe(found)
    if check {
      if !found.damage.isEmpty { throw ExitCode(1) }
      return
    }
    let outcome = try StoreRebuild.empty(directory: data, identity: identity, discarding: discard)
    if let kept = outcome.keptIn {
      Terminal.say("Moved \(outcome.files.count) files to \(kept).")
    } else {
      Terminal.say(outcome.files.isEmpty ? "There were no files." : "Deleted \(outcome.files.count) files.")
    }
    Terminal.say(
      "node\(outcome.identity.node) of \(outcome.identity.cluster) is empty now. Start it: its peers take it back."
    )
  }

  private func describe(_ found: StoreInspection) {
    if let identity = found.identity {
      Terminal.say("\(found.directory): node\(identity.node) of \(identity.cluster)")
    } else {
      Terminal.say("\(found.directory): nothing here says whose data it is")
    }
    Terminal.say("\(found.segments.count) segments, \(found.snapshots.count) snapshots")
    if found.isRejoining { Terminal.say("It waits to be taken back by its peers.") }
    for note in found.notes { Terminal.say("note: \(note)") }
    for damage in found.damage { Terminal.say("damaged: \(damage)") }
    if found.damage.isEmpty { Terminal.say("No damage was found.") }
  }
}
