/// Mistakes that are made on purpose, to see that tests find them. None in a real node.
package struct GossipMistakes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Who hears that it is suspected or dead says no, under the incarnation of the rumour.
  package static let refutationKeepsIncarnation = GossipMistakes(rawValue: 1 << 0)
  /// Hints are taken as they come, older ones too.
  package static let hintsUnordered = GossipMistakes(rawValue: 1 << 1)
  /// Who was dead stays dead, whatever its next life says.
  package static let deathOutlivesRestart = GossipMistakes(rawValue: 1 << 2)
  /// A datagram is filled up without a look at its length.
  package static let datagramsUnbounded = GossipMistakes(rawValue: 1 << 3)
  /// A node that starts again with an old incarnation does not step over its earlier life.
  package static let earlierLifeIgnored = GossipMistakes(rawValue: 1 << 4)
  /// Members that are dead are never asked again.
  package static let deadNeverAsked = GossipMistakes(rawValue: 1 << 5)

  /// All of them, by their names.
  package static let named: [(name: String, mistake: GossipMistakes)] = [
    ("refutationKeepsIncarnation", .refutationKeepsIncarnation), ("hintsUnordered", .hintsUnordered),
    ("deathOutlivesRestart", .deathOutlivesRestart), ("datagramsUnbounded", .datagramsUnbounded),
    ("earlierLifeIgnored", .earlierLifeIgnored), ("deadNeverAsked", .deadNeverAsked),
  ]
}
