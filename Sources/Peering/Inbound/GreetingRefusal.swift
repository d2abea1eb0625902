package import Kernel
import Protocol
package import Raft
internal import Wire

/// Why a greeting is turned down: the code for the other side's program, the sentence for both sides' logs.
struct GreetingRefusal: Error {
  var code: HelloRefusal
  var explanation: String
}

extension PeeringConfiguration {
  var announcement: Announcement { Announcement(level: level, highestProtocol: protocolVersions.upperBound) }

  /// The highest version that both speak; nil: there is none.
  ///
  /// - Parameter version: the lowest that the other side speaks.
  func commonProtocol(lowest version: UInt16, _ announcement: Announcement) -> UInt16? {
    let highest = min(protocolVersions.upperBound, announcement.highestProtocol)
    return highest >= max(protocolVersions.lowerBound, version) ? highest : nil
  }

  /// - Parameter certificateNames: the names that the other side has proved to bear; nil without TLS.
  func refusal(
    of hello: Hello, _ announcement: Announcement, certificateNames: [String]?
  ) -> GreetingRefusal? {
    if commonProtocol(lowest: hello.protocolVersion, announcement) == nil {
      return GreetingRefusal(
        code: .otherProtocol,
        explanation: "node \(hello.from) speaks protocol "
          + "\(Self.words(hello.protocolVersion...announcement.highestProtocol)), and node \(thisNode) "
          + "protocol \(Self.words(protocolVersions))")
    }
    if hello.cluster != cluster {
      return GreetingRefusal(
        code: .otherCluster,
        explanation: "node \(hello.from) belongs to cluster \"\(hello.cluster)\", and node \(thisNode) to "
          + "cluster \"\(cluster)\"")
    }
    if hello.from == thisNode {
      return GreetingRefusal(
        code: .ownNode, explanation: "two nodes have the id \(thisNode), or a node dials itself")
    }
    if hello.to != thisNode {
      return GreetingRefusal(
        code: .notTheTarget,
        explanation: "node \(hello.from) means to reach node \(hello.to), and this is node \(thisNode): "
          + "an address in its configuration is wrong")
    }
    let name = PeerTLS.certificateName(of: hello.from)
    if let certificateNames, !certificateNames.contains(name) {
      return GreetingRefusal(
        code: .otherCertificate,
        explanation: "node \(hello.from) must show a certificate for the DNS name \(name), and its own is for "
          + (certificateNames.isEmpty ? "none" : certificateNames.prefix(4).joined(separator: ", ")))
    }
    return nil
  }

  private static func words(_ range: ClosedRange<UInt16>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }

  /// Why a node that reads too little is not talked with: for both sides' logs, with what to do.
  package func explanation(of level: Level, below required: Level, node: NodeID) -> String {
    LevelRefusal.explanation(of: level, below: required, node: node, cluster: cluster)
  }

  func maxQueuedBytes(_ lane: Lane) -> Int {
    switch lane {
    case .control: maxQueuedControlBytes
    case .bulk: maxQueuedBulkBytes
    }
  }
}
