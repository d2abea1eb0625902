import Gossip
import Node
import Raft

/// A mistake that is built into a cluster on purpose, to see that it is found: one of Raft itself, of gossip, of the
/// node around them, or of its process and its disk.
package struct Mistake: Hashable, Sendable {
  package let name: String
  let shell: ShellMistake?
  let raft: DeliberateMistakes
  let gossip: GossipMistakes
  let node: NodeMistakes

  package init(_ mistake: ShellMistake) {
    name = mistake.rawValue
    shell = mistake
    raft = []
    gossip = []
    node = []
  }

  /// - Returns: nil when there is none of that name.
  package init?(name: String) {
    guard let known = Mistake.all.first(where: { $0.name == name }) else { return nil }
    self = known
  }

  private init(
    name: String, raft: DeliberateMistakes = [], gossip: GossipMistakes = [], node: NodeMistakes = []
  ) {
    self.name = name
    shell = nil
    self.raft = raft
    self.gossip = gossip
    self.node = node
  }

  package static let all: [Mistake] =
    ShellMistake.allCases.map(Mistake.init)
    + NodeMistakes.named.map { Mistake(name: $0.name, node: $0.mistake) }
    + DeliberateMistakes.named.map { Mistake(name: $0.name, raft: $0.mistake) }
    + GossipMistakes.named.map { Mistake(name: $0.name, gossip: $0.mistake) }
}
