internal import Raft
internal import Wire

/// Why a greeting is turned down: the code for the other side's program, the sentence for both sides' logs.
struct GreetingRefusal: Error {
  var code: HelloRefusal
  var explanation: String
}

extension PeeringConfiguration {
  /// - Parameter certificateNames: the names that the other side has proved to bear; nil without TLS.
  func refusal(of hello: Hello, certificateNames: [String]?) -> GreetingRefusal? {
    if hello.protocolVersion != protocolVersion {
      return GreetingRefusal(
        code: .otherProtocol,
        explanation: "node \(hello.from) speaks protocol \(hello.protocolVersion), and node \(thisNode) "
          + "protocol \(protocolVersion)")
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

  func maxQueuedBytes(_ lane: Lane) -> Int {
    switch lane {
    case .control: maxQueuedControlBytes
    case .bulk: maxQueuedBulkBytes
    }
  }
}
