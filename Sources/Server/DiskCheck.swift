import Foundation
import Host
import Storage

/// The configuration of a node held against its data directory, as its start would do it; nothing is changed.
package enum DiskCheck {
  package struct Finding: Sendable {
    /// What an operator should know, one sentence each.
    package var notes: [String] = []
    /// The node has its data directory, so its ports are taken, too.
    package var isRunning = false
  }

  /// - Throws: why the node would not start: its `members` tell another story than its disk, or the disk is damaged or not
  ///   this node's.
  package static func look(_ configuration: ServerConfiguration) throws -> Finding {
    // Before the first start.
    guard FileManager.default.fileExists(atPath: configuration.dataDirectory) else { return Finding() }
    let identity = StoreIdentity(cluster: configuration.cluster, node: configuration.nodeID)
    let disk: RecoveredState?
    do throws(StoreError) {
      disk = try RecoveredState.look(in: configuration.dataDirectory, identity: identity)
    } catch {
      switch error {
      case .inUse:
        return Finding(
          notes: ["the node runs: `members` is not compared with what is in \(configuration.dataDirectory)"],
          isRunning: true)
      // Who checks need not be who runs the node.
      case .io:
        return Finding(notes: ["`members` is not compared with what is on the disk: \(error.finding)"])
      default: throw error
      }
    }
    guard let disk else { return Finding() }
    return Finding(notes: try ReplicaOptions(configuration).check(against: disk))
  }
}
