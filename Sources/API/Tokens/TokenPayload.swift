internal import Desk
internal import Foundation
internal import JWTKit
internal import Kernel
internal import Protocol

/// The claims as they stand in the token.
struct TokenPayload: Codable, JWTPayload {
  /// A skill is its name, or an object with the name and a weight: `"billing"`, `{"skill": "billing", "weight": 2}`.
  struct Skill: Codable {
    var skill: String
    var weight: Double

    init(skill: String, weight: Double) {
      self.skill = skill
      self.weight = weight
    }

    private enum Key: String, CodingKey { case skill, weight }

    init(from decoder: any Decoder) throws {
      if let container = try? decoder.singleValueContainer(), let name = try? container.decode(String.self) {
        self.init(skill: name, weight: 1)
        return
      }
      let container = try decoder.container(keyedBy: Key.self)
      self.init(
        skill: try container.decode(String.self, forKey: .skill),
        weight: try container.decodeIfPresent(Double.self, forKey: .weight) ?? 1)
    }

    func encode(to encoder: any Encoder) throws {
      if weight == 1 {
        var container = encoder.singleValueContainer()
        try container.encode(skill)
      } else {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(skill, forKey: .skill)
        try container.encode(weight, forKey: .weight)
      }
    }
  }

  /// One name, or a list of them (RFC 7519, section 4.1.3).
  struct Audience: Codable {
    var names: [String]

    init(_ names: [String]) { self.names = names }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let name = try? container.decode(String.self) {
        names = [name]
      } else {
        names = try container.decode([String].self)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if names.count == 1 { try container.encode(names[0]) } else { try container.encode(names) }
    }
  }

  var iss: String?
  var aud: Audience?
  var sub: String?
  var role: String?
  var name: String?
  var exp: Double?
  var nbf: Double?
  var iat: Double?
  var skills: [Skill]?
  var capacity: Double?
  var priority: Double?
  var desk: String?

  /// The claims are judged by `claims(at:)`, which knows the time.
  func verify(using algorithm: some JWTAlgorithm) throws {}

  /// - Parameter now: seconds since 1970.
  func claims(at now: Double, leeway: Double, rules: TokenRules) throws(TokenProblem) -> Claims {
    guard let exp, exp.isFinite else {
      throw .claim(name: "exp", problem: "is missing: a token must end (seconds since 1970)")
    }
    guard exp <= now + rules.longestSeconds + leeway else {
      throw .claim(
        name: "exp",
        problem:
          "is \(Self.seconds(exp - now)) s from now; at most \(Self.seconds(rules.longestSeconds)) s are allowed"
      )
    }
    try judge(rules)
    // Without a grace for clocks: a connection ends at that time, too, whichever door the token came through.
    guard now < exp else { throw .expired(secondsAgo: Self.seconds(now - exp)) }
    if let nbf, now < nbf - leeway { throw .notYetValid(inSeconds: Self.seconds(nbf - now)) }
    guard let sub, !sub.isEmpty else { throw .claim(name: "sub", problem: "is missing or empty") }
    guard sub.utf8.count <= TokenLimits.subjectBytes else {
      throw .claim(
        name: "sub",
        problem: "has \(sub.utf8.count) bytes of UTF-8; at most \(TokenLimits.subjectBytes) are allowed")
    }
    if let fault = NameFault.inIdentity(sub) { throw .claim(name: "sub", problem: fault.description) }
    guard Self.isComposed(sub) else {
      throw .claim(
        name: "sub",
        problem: "is not in Unicode's normalization form C: two spellings of one name would be two people")
    }
    let known = UserRole.allCases.map(\.name).joined(separator: ", ")
    guard let role else { throw .claim(name: "role", problem: "is missing; allowed: \(known)") }
    guard let role = UserRole(name: role) else {
      throw .claim(name: "role", problem: "is \"\(role.prefix(32))\"; allowed: \(known)")
    }
    let name = name ?? sub
    guard name.utf8.count <= TokenLimits.nameBytes else {
      throw .claim(
        name: "name",
        problem: "has \(name.utf8.count) bytes of UTF-8; at most \(TokenLimits.nameBytes) are allowed")
    }
    if let fault = NameFault.inShownName(name) { throw .claim(name: "name", problem: fault.description) }
    return Claims(
      person: Person(id: sub, role: role, name: name), desk: try deskName(), skills: try skillWeights(),
      capacity: try chats(), priority: try highestPriority(),
      expiresAtMilliseconds: UInt64(min(max(exp, 0), 1e15) * 1000))
  }

  /// Whoever has the key may still have made the token for another service.
  private func judge(_ rules: TokenRules) throws(TokenProblem) {
    if !rules.issuers.isEmpty {
      guard let iss else { throw .claim(name: "iss", problem: "is missing; this service asks for it") }
      guard rules.issuers.contains(where: { $0.utf8.elementsEqual(iss.utf8) }) else {
        throw .claim(name: "iss", problem: "names an issuer that is not accepted here")
      }
    }
    if !rules.audiences.isEmpty {
      guard let aud else { throw .claim(name: "aud", problem: "is missing; this service asks for it") }
      let isMeant = aud.names.contains { name in
        rules.audiences.contains { $0.utf8.elementsEqual(name.utf8) }
      }
      guard isMeant else {
        throw .claim(name: "aud", problem: "names others: the token is not for this service")
      }
    }
  }

  /// Names are compared by their bytes. Whoever makes tokens has to spell one in one way.
  private static func isComposed(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 < 0x80 } || text.precomposedStringWithCanonicalMapping.hasSameBytes(as: text)
  }

  private func skillWeights() throws(TokenProblem) -> [SkillWeight]? {
    guard let skills else { return nil }
    guard skills.count <= TokenLimits.skills else {
      throw .claim(
        name: "skills", problem: "has \(skills.count) entries; at most \(TokenLimits.skills) are allowed")
    }
    var seen: Set<TextKey> = []
    var weights: [SkillWeight] = []
    for skill in skills {
      guard (1...TokenLimits.skillBytes).contains(skill.skill.utf8.count) else {
        throw .claim(
          name: "skills", problem: "has a name that is not of 1 to \(TokenLimits.skillBytes) bytes of UTF-8")
      }
      if let fault = NameFault.inIdentity(skill.skill) {
        throw .claim(name: "skills", problem: "has a name that \(fault)")
      }
      guard skill.weight.isFinite, skill.weight > 0, skill.weight <= TokenLimits.weight else {
        throw .claim(
          name: "skills", problem: "has a weight outside of 0.001 to \(Int(TokenLimits.weight))")
      }
      guard seen.insert(TextKey(skill.skill)).inserted else {
        throw .claim(name: "skills", problem: "names \"\(skill.skill)\" twice")
      }
      let thousandths = UInt32((skill.weight * 1000).rounded())
      weights.append(SkillWeight(skill: skill.skill, weight: max(1, thousandths)))
    }
    return weights
  }

  private func chats() throws(TokenProblem) -> UInt32? {
    guard let capacity else { return nil }
    guard capacity.rounded() == capacity, (0...Double(TokenLimits.capacity)).contains(capacity) else {
      throw .claim(
        name: "capacity", problem: "is \(capacity); allowed: a whole number from 0 to \(TokenLimits.capacity)")
    }
    return UInt32(capacity)
  }

  private func highestPriority() throws(TokenProblem) -> Int32? {
    guard let priority else { return nil }
    guard let whole = Int32(exactly: priority) else {
      throw .claim(name: "priority", problem: "is \(priority); allowed: a whole number of 32 bits")
    }
    return whole
  }

  private func deskName() throws(TokenProblem) -> DeskName? {
    guard let desk else { return nil }
    guard let name = DeskName(desk) else {
      throw .claim(name: "desk", problem: "is \"\(desk.prefix(40))\"; allowed: \(DeskName.rule)")
    }
    return name
  }

  private static func seconds(_ value: Double) -> Int { Int(min(max(value.rounded(.up), 0), 1e15)) }
}
