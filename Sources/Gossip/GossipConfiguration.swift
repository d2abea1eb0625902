/// How one node gossips. Times are milliseconds; the defaults suit a local network and 3 to 100 nodes.
package struct GossipConfiguration: Sendable {
  package var id: MemberID
  package var cluster: ClusterCheck
  /// Seed of everything that is drawn. The same seed and the same input give the same run.
  package var seed: UInt64
  /// The first incarnation of this life, 1 or more. It should be above all of the node's earlier lives (the time
  /// of its start in milliseconds since 1970 is); when it is not, the node learns that from its peers and steps over.
  package var incarnation: Incarnation

  /// One member is probed in each interval (the protocol period of SWIM).
  package var probeInterval: UInt64 = 500
  /// How long a probe waits for the direct answer before it asks others to probe. Below half of `probeInterval`,
  /// so that the others have time to answer; `tick(now:)` has to be called at least twice in this time.
  package var probeTimeout: UInt64 = 200
  /// How many others are asked to probe.
  package var indirectProbes = 3

  /// A suspicion lasts at least `suspicionMultiplier * max(1, log10(n)) * probeInterval` (alpha of Lifeguard).
  package var suspicionMultiplier = 5
  /// And at most this many times that, when nobody confirms it (beta of Lifeguard).
  package var suspicionMaximumFactor = 6
  /// How many independent confirmations bring the suspicion down to its minimum (K of Lifeguard).
  package var suspicionConfirmations = 3
  /// The highest local health, and so how many times longer a node that doubts itself waits, less one (S of
  /// Lifeguard).
  package var maximumLocalHealth = 8
  package var lifeguard = Lifeguard()

  /// Rumours go out to `gossipFanout` members at each interval, besides riding on probes and their answers.
  package var gossipInterval: UInt64 = 200
  package var gossipFanout = 3
  /// A rumour is sent `ceil(retransmitMultiplier * ln(n + 1))` times by each node (lambda of SWIM).
  package var retransmitMultiplier = 3
  /// Own hints go out at most this often, but at once when the node begins or ends to drain.
  package var hintInterval: UInt64 = 1_000
  /// Two members compare all they know at each interval.
  package var exchangeInterval: UInt64 = 5_000
  /// A member that is dead or has left is pinged at each interval (one of them), to hear when it is back.
  package var revivalInterval: UInt64 = 5_000

  /// No datagram is longer. 1,400 leaves room for a seal and for headers within an Ethernet frame.
  package var maximumDatagramBytes = 1_400
  /// Probes for others that are under way; further ones are not taken on.
  package var maximumRelays = 64

  /// For tests of the tests.
  package var mistakes: GossipMistakes = []

  package init(id: MemberID, cluster: ClusterCheck, seed: UInt64, incarnation: Incarnation) {
    self.id = id
    self.cluster = cluster
    self.seed = seed
    self.incarnation = incarnation
  }

  /// The parts of Lifeguard (Dadgar, Phillips, Currey, "Lifeguard: local health awareness for more accurate
  /// failure detection", 2018), each of which can be switched off to see what it does.
  package struct Lifeguard: Sendable {
    /// Probe more slowly, and wait longer, when the own probes fail for reasons that lie here (section IV-A).
    package var localHealth = true
    /// A suspicion that nobody shares lasts longer (section IV-B).
    package var dynamicSuspicion = true
    /// Who is suspected is told so with the next ping (section IV-C).
    package var buddy = true
    /// Not of the paper: time in which this node was not called does not count as the silence of others.
    package var pauseAware = true

    package init() {}

    /// SWIM with plain suspicion.
    package static var off: Lifeguard {
      var parts = Lifeguard()
      parts.localHealth = false
      parts.dynamicSuspicion = false
      parts.buddy = false
      parts.pauseAware = false
      return parts
    }
  }

  func validate() throws(GossipError) {
    if id == .nobody { throw GossipError("the node id is 0: give every member an id of 1 or more") }
    if incarnation == .zero || incarnation >= .highest {
      throw GossipError("the first incarnation is \(incarnation): it must be 1 or more, and below 2^62")
    }
    let intervals = [
      ("probeInterval", probeInterval), ("probeTimeout", probeTimeout), ("gossipInterval", gossipInterval),
      ("hintInterval", hintInterval), ("exchangeInterval", exchangeInterval),
      ("revivalInterval", revivalInterval),
    ]
    for (name, value) in intervals where value < 1 || value > 3_600_000 {
      throw GossipError("\(name) is \(value) ms: it must be between 1 ms and an hour")
    }
    if probeTimeout * 2 >= probeInterval {
      throw GossipError(
        "probeTimeout is \(probeTimeout) ms and probeInterval \(probeInterval) ms: the timeout must be below half "
          + "of the interval, or the probes by others have no time")
    }
    let counts = [
      ("suspicionMultiplier", suspicionMultiplier), ("suspicionMaximumFactor", suspicionMaximumFactor),
      ("retransmitMultiplier", retransmitMultiplier), ("gossipFanout", gossipFanout),
      ("indirectProbes", indirectProbes), ("suspicionConfirmations", suspicionConfirmations),
      ("maximumLocalHealth", maximumLocalHealth), ("maximumRelays", maximumRelays),
    ]
    for (name, value) in counts where value < 1 || value > 1_000 {
      throw GossipError("\(name) is \(value): it must be between 1 and 1000")
    }
    if maximumDatagramBytes < 256 || maximumDatagramBytes > 65_000 {
      throw GossipError("maximumDatagramBytes is \(maximumDatagramBytes): it must be between 256 and 65000")
    }
  }
}
