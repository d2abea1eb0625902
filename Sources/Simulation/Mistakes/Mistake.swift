import Gossip
import Raft

/// A mistake that is built into a cluster on purpose, to see that it is found: one of Raft itself, of gossip, or of
/// the shell and the disk.
package struct Mistake: Hashable, Sendable {
  package let name: String
  let shell: ShellMistake?
  let raft: DeliberateMistakes
  let gossip: GossipMistakes

  package init(_ mistake: ShellMistake) {
    name = mistake.rawValue
    shell = mistake
    raft = []
    gossip = []
  }

  /// - Returns: nil when there is none of that name.
  package init?(name: String) {
    guard let known = Mistake.all.first(where: { $0.name == name }) else { return nil }
    self = known
  }

  private init(name: String, raft: DeliberateMistakes = [], gossip: GossipMistakes = []) {
    self.name = name
    shell = nil
    self.raft = raft
    self.gossip = gossip
  }

  package static let all: [Mistake] =
    ShellMistake.allCases.map(Mistake.init)
    + DeliberateMistakes.named.map { Mistake(name: $0.name, raft: $0.mistake) }
    + GossipMistakes.named.map { Mistake(name: $0.name, gossip: $0.mistake) }
}
