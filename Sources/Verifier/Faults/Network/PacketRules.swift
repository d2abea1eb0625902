/// Which packets a namespace does not let in.
struct PacketRules: Sendable, Equatable {
  struct Drop: Sendable, Equatable {
    /// The address of who has sent it.
    var source: String
    /// So many of a hundred; nil: all.
    var percent: Int?
  }

  var drops: [Drop] = []

  /// For `iptables-restore`, which puts them in the place of all that were there.
  var text: String {
    let chains = ["INPUT", "FORWARD", "OUTPUT"].map { ":\($0) ACCEPT [0:0]" }
    let rules = drops.map { drop in
      let share = drop.percent.map { percent in
        " -m statistic --mode random --probability 0.\(percent < 10 ? "0" : "")\(percent)"
      }
      return "-A INPUT -s \(drop.source)/32\(share ?? "") -j DROP"
    }
    return (["*filter"] + chains + rules + ["COMMIT"]).joined(separator: "\n") + "\n"
  }

  /// Whoever does not hear drops what comes in, so that one direction can be cut without the other.
  ///
  /// - Parameter addresses: of the nodes, by name.
  /// - Returns: the rules of each node that needs some.
  static func rules(for obstruction: Obstruction, addresses: [String: String]) -> [String: PacketRules] {
    var rules: [String: PacketRules] = [:]
    func drop(at listener: String, from speaker: String, _ percent: Int?) {
      guard let source = addresses[speaker] else { return }
      rules[listener, default: PacketRules()].drops.append(Drop(source: source, percent: percent))
    }
    for other in obstruction.others {
      switch obstruction.harm {
      case .cut(let direction):
        if direction != .outgoing { drop(at: obstruction.node, from: other, nil) }
        if direction != .incoming { drop(at: other, from: obstruction.node, nil) }
      case .loss(let percent):
        drop(at: obstruction.node, from: other, percent)
        drop(at: other, from: obstruction.node, percent)
      }
    }
    return rules
  }
}
