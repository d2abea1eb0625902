import Kernel

/// What clients may choose for themselves where their token says nothing about it: the node's configuration.
package struct ClientChoices: Sendable {
  /// The highest priority that a customer may give a session. Lower ones are free to all.
  package var priority: Int32 = 0
  /// The skills that an agent may name; nil: any.
  package var skills: [String]?
  /// Chats at a time that an agent may ask for.
  package var capacity: UInt32 = 1000
  /// What the node's system knows of the zones of this world.
  package var zones: any ZoneReading = NoZones()

  package init() {}
}

/// How far one person's word goes. The token is the upper bound: whoever signs it knows who its bearer is, and the bearer
/// may always ask for less. Where the token says nothing, the configuration is the bound.
package struct Entitlement: Sendable {
  /// Claims of the token; nil: it says nothing.
  var priority: Int32?
  var skills: [SkillWeight]?
  var capacity: UInt32?
  var choices: ClientChoices
  /// Whether the token names no desk: its admins are those of the cluster.
  var isOfCluster: Bool

  package init(
    priority: Int32?, skills: [SkillWeight]?, capacity: UInt32?, choices: ClientChoices, isOfCluster: Bool
  ) {
    (self.priority, self.skills, self.capacity, self.choices) = (priority, skills, capacity, choices)
    self.isOfCluster = isOfCluster
  }

  /// - Parameter asked: nil: the client says nothing; then the token's word counts, else 0.
  func priority(_ asked: Int32?) throws(Failure) -> Int32 {
    guard let asked else { return priority ?? 0 }
    let most = priority ?? choices.priority
    guard asked <= most else {
      throw Failure(
        .forbidden,
        "`priority` may be \(most) at the most for you: ask for less, or for a token with a higher `priority`.")
    }
    return asked
  }

  /// - Parameter asked: nil: the client says nothing; then the token's word counts, else what was before (nil).
  func skills(_ asked: [SkillWeight]?) throws(Failure) -> [SkillWeight]? {
    guard var asked else { return skills }
    for place in asked.indices {
      let name = asked[place].skill
      if let skills {
        guard let given = skills.first(where: { $0.skill.hasSameBytes(as: name) }) else {
          throw Self.notYours(name)
        }
        asked[place].weight = min(asked[place].weight, given.weight)
      } else if let allowed = choices.skills {
        guard allowed.contains(where: { $0.hasSameBytes(as: name) }) else { throw Self.notYours(name) }
      }
    }
    return asked
  }

  /// - Parameter asked: nil: the client says nothing; then the token's word counts, else what was before (nil).
  func capacity(_ asked: UInt32?) throws(Failure) -> UInt32? {
    guard let asked else { return capacity }
    let most = capacity ?? choices.capacity
    guard asked <= most else {
      throw Failure(
        .forbidden,
        "`capacity` may be \(most) at the most for you: ask for less, or for a token with a higher `capacity`.")
    }
    return asked
  }

  private static func notYours(_ skill: String) -> Failure {
    Failure(
      .forbidden,
      "The skill `\(skill)` is not yours to name: leave it out, or ask for a token with it in `skills`.")
  }
}
