import Desk
import Foundation
import JWTKit
import Protocol
import Testing

@testable import API

@Suite("Tokens")
struct TokenServiceTests {
  static let now = 1_700_000_000.0
  static let key = Array("0123456789abcdef0123456789abcdef".utf8)
  static let otherKey = Array("fedcba9876543210fedcba9876543210".utf8)

  func service(_ secrets: [TokenSecret] = [TokenSecret(id: nil, secret: key)]) async throws -> TokenService {
    try await TokenService(secrets: secrets, rules: TokenRules(longestSeconds: 1e12))
  }

  /// What is wrong with a token of these claims, by these rules.
  private func verdict(_ claims: String, _ rules: TokenRules) async throws -> String? {
    let service = try await TokenService(secrets: [TokenSecret(id: nil, secret: Self.key)], rules: rules)
    let token = try await token(claims)
    do throws(TokenProblem) {
      _ = try service.verify(token, now: Self.now)
      return nil
    } catch {
      guard case .claim(let name, _) = error else { return "\(error)" }
      return name
    }
  }

  private static let person = #""sub":"a","role":"customer""#

  @Test(
    "a token may not last longer than is configured, nor for ever",
    arguments: [
      ("1700003605", nil), ("1700003606", "exp"), ("4000000000", "exp"), ("1e300", "exp"),
      ("9007199254740993", "exp"),
    ] as [(String, String?)])
  func lifetime(exp: String, problem: String?) async throws {
    #expect(
      try await verdict("{\(Self.person),\"exp\":\(exp)}", TokenRules(longestSeconds: 3600)) == problem)
  }

  @Test("unless it is configured, the longest is thirty days")
  func longest() async throws {
    let days = { (days: Int) in "{\(Self.person),\"exp\":\(1_700_000_000 + days * 86_400)}" }
    #expect(try await verdict(days(30), TokenRules()) == nil)
    #expect(try await verdict(days(31), TokenRules()) == "exp")
  }

  @Test(
    "issuer and audience are judged when they are configured, and not looked at otherwise",
    arguments: [
      (#""iss":"https://id.example","aud":"desk""#, nil, nil), (#""iss":"other","aud":"desk""#, "iss", nil),
      (#""aud":"desk""#, "iss", nil), (#""iss":"https://id.example""#, "aud", nil),
      (#""iss":"https://id.example","aud":["shop","desk"]"#, nil, nil),
      (#""iss":"https://id.example","aud":["shop"]"#, "aud", nil),
      (#""iss":"https://id.example","aud":[]"#, "aud", nil),
      (#""iss":"HTTPS://id.example","aud":"desk""#, "iss", nil),
      (#""iss":"https://id.example","aud":3"#, "aud", "aud"),
    ] as [(String, String?, String?)])
  func issuerAndAudience(claims: String, problem: String?, otherwise: String?) async throws {
    let all = "{\(Self.person),\"exp\":1700000060,\(claims)}"
    let rules = TokenRules(issuers: ["https://id.example", "second"], audiences: ["desk"])
    #expect(try await verdict(all, rules) == problem)
    #expect(try await verdict(all, TokenRules()) == otherwise)
  }

  @Test("tokens that are made here have what is asked for")
  func ownTokens() async throws {
    let rules = TokenRules(issuers: ["us"], audiences: ["desk", "shop"], longestSeconds: 60)
    let service = try await TokenService(secrets: [TokenSecret(id: nil, secret: Self.key)], rules: rules)
    let claims = Claims(
      person: Person(id: "a", role: .customer, name: "A"), expiresAtMilliseconds: UInt64(Self.now + 60) * 1000)
    #expect(try service.verify(service.sign(claims, issuedAt: Self.now), now: Self.now) == claims)
  }

  /// A token of any header and claims, signed as HS256 with a key.
  func token(_ claims: String, header: String = #"{"alg":"HS256","typ":"JWT"}"#, key: [UInt8] = key)
    async throws
    -> String
  {
    let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    let keys = await JWTKeyCollection().add(hmac: HMACKey(from: key), digestAlgorithm: .sha256, kid: "k")
    let signature = try await keys.getKey(for: "k").sign(Array(input.utf8))
    return input + "." + Base64URL.encode(signature)
  }

  func problem(_ claims: String, header: String = #"{"alg":"HS256"}"#, key: [UInt8] = key) async throws
    -> TokenProblem?
  {
    let token = try await token(claims, header: header, key: key)
    let service = try await service()
    do throws(TokenProblem) {
      _ = try service.verify(token, now: Self.now)
      return nil
    } catch {
      return error
    }
  }

  @Test("what is signed is verified, with skills, weights and capacity")
  func roundTrip() async throws {
    let service = try await service([TokenSecret(id: "2025", secret: Self.key)])
    let claims = Claims(
      person: Person(id: "bob", role: .agent, name: "Bob Ä"),
      skills: [SkillWeight(skill: "billing", weight: 2500), SkillWeight(skill: "tech")], capacity: 5,
      priority: -3,
      expiresAtMilliseconds: UInt64(Self.now + 60) * 1000)
    let token = try service.sign(claims, issuedAt: Self.now)
    #expect(try service.verify(token, now: Self.now) == claims)
  }

  @Test("JWTKit accepts what is signed here")
  func otherLibrary() async throws {
    let claims = Claims(
      person: Person(id: "bob", role: .agent, name: "Bob"), expiresAtMilliseconds: 4_000_000_000_000)
    let token = try await service().sign(claims)
    let keys = await JWTKeyCollection().add(hmac: HMACKey(from: Self.key), digestAlgorithm: .sha256)
    let payload = try await keys.verify(token, as: TokenPayload.self)
    #expect(payload.sub == "bob")
    #expect(payload.exp == 4_000_000_000)
  }

  @Test("the name is the subject when there is none, and skills may be names or objects")
  func plainClaims() async throws {
    let token = try await token(
      #"{"sub":"b","role":"agent","exp":1700000060,"skills":["a",{"skill":"c","weight":0.5}],"capacity":3,"x":[1]}"#
    )
    let claims = try await service().verify(token, now: Self.now)
    #expect(claims.person == Person(id: "b", role: .agent, name: "b"))
    #expect(claims.skills == [SkillWeight(skill: "a"), SkillWeight(skill: "c", weight: 500)])
    #expect(claims.capacity == 3)
    #expect(claims.expiresAtMilliseconds == 1_700_000_060_000)
  }

  @Test("an expired token is refused, and one that is not valid yet")
  func times() async throws {
    #expect(try await problem(#"{"sub":"a","role":"admin","exp":1699999900}"#) == .expired(secondsAgo: 100))
    #expect(
      try await problem(#"{"sub":"a","role":"admin","exp":1700000060,"nbf":1700000030}"#)
        == .notYetValid(inSeconds: 30))
    #expect(
      try await problem(#"{"sub":"a","role":"admin","exp":1699999998}"#) == .expired(secondsAgo: 2),
      "a connection ends at that time, too")
  }

  @Test("a token of another key, or changed behind its signature, is refused")
  func signatures() async throws {
    let claims = #"{"sub":"a","role":"customer","exp":1700000060}"#
    #expect(try await problem(claims, key: Self.otherKey) == .signature)
    var parts = try await token(claims).split(separator: ".").map(String.init)
    parts[1] = Base64URL.encode(Array(#"{"sub":"a","role":"admin","exp":1700000060}"#.utf8))
    let service = try await service()
    #expect(throws: TokenProblem.signature) { try service.verify(parts.joined(separator: "."), now: Self.now) }
  }

  @Test(
    "the algorithm is the key's: none and others are refused, whatever the signature",
    arguments: [
      "none", "None", "HS512", "RS256", "",
    ])
  func algorithms(name: String) async throws {
    let claims = #"{"sub":"a","role":"admin","exp":1700000060}"#
    #expect(try await problem(claims, header: #"{"alg":"\#(name)"}"#) == .algorithm(name))
    let unsigned =
      Base64URL.encode(Array(#"{"alg":"\#(name)"}"#.utf8)) + "." + Base64URL.encode(Array(claims.utf8)) + "."
    let service = try await service()
    #expect(throws: TokenProblem.algorithm(name)) { try service.verify(unsigned, now: Self.now) }
  }

  @Test("the key that a token names has to be there, and a change of keys leaves old tokens valid")
  func keyIdentifiers() async throws {
    let old = try await service([TokenSecret(id: "a", secret: Self.otherKey)])
    let both = try await service([
      TokenSecret(id: "b", secret: Self.key), TokenSecret(id: "a", secret: Self.otherKey),
    ])
    let claims = Claims(
      person: Person(id: "x", role: .customer, name: "x"), expiresAtMilliseconds: UInt64(Self.now + 60) * 1000)
    let oldToken = try old.sign(claims, issuedAt: Self.now)
    let newToken = try both.sign(claims, issuedAt: Self.now)
    #expect(try both.verify(oldToken, now: Self.now) == claims)
    #expect(try both.verify(newToken, now: Self.now) == claims)
    #expect(throws: TokenProblem.unknownKey("b")) { try old.verify(newToken, now: Self.now) }
    let nameless = try await token(#"{"sub":"x","role":"customer","exp":1700000060}"#, key: Self.otherKey)
    #expect(try both.verify(nameless, now: Self.now).person.id == "x", "without kid every key is tried")
  }

  @Test(
    "bad claims are named",
    arguments: [
      (#"{"role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":7,"role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"a\u0000","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"a","role":"admin","exp":1700000060,"name":"\u001b[2J"}"#, "name"),
      (#"{"sub":"a","exp":1700000060}"#, "role"),
      (#"{"sub":"a","role":"root","exp":1700000060}"#, "role"),
      (#"{"sub":"a","role":"admin"}"#, "exp"),
      (#"{"sub":"a","role":"admin","exp":"tomorrow"}"#, "exp"),
      (#"{"sub":"a","role":"admin","exp":null}"#, "exp"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"skills":"billing"}"#, "skills"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"skills":["x","x"]}"#, "skills"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"skills":[{"skill":"x","weight":-1}]}"#, "skills"),
      (#"{"sub":" a","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"a\u00a0","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"\u202Ea","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"a\u200b","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"a\u00ad","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"jose\u0301","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"\u212b","role":"admin","exp":1700000060}"#, "sub"),
      (#"{"sub":"a","role":"admin","exp":1700000060,"name":"a\u202Eb"}"#, "name"),
      (#"{"sub":"a","role":"admin","exp":1700000060,"name":"a\u200db"}"#, "name"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"skills":["x\u200b"]}"#, "skills"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"skills":["x "]}"#, "skills"),
      (#"{"sub":"a","role":"customer","exp":1700000060,"priority":1.5}"#, "priority"),
      (#"{"sub":"a","role":"customer","exp":1700000060,"priority":2147483648}"#, "priority"),
      (#"{"sub":"a","role":"customer","exp":1700000060,"priority":"high"}"#, "priority"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"capacity":1.5}"#, "capacity"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"capacity":-1}"#, "capacity"),
      (#"{"sub":"a","role":"agent","exp":1700000060,"capacity":1e300}"#, "capacity"),
    ])
  func badClaims(claims: String, name: String) async throws {
    guard case .claim(let found, _)? = try await problem(claims) else {
      Issue.record("\(claims) was not refused for a claim")
      return
    }
    #expect(found == name)
  }

  @Test("a subject of 128 bytes is taken and one of 129 is not, counted in UTF-8")
  func subjectLength() async throws {
    let ä = String(repeating: "ä", count: 64)
    #expect(try await problem(#"{"sub":"\#(ä)","role":"admin","exp":1700000060}"#) == nil)
    guard case .claim("sub", _)? = try await problem(#"{"sub":"\#(ä)b","role":"admin","exp":1700000060}"#)
    else {
      Issue.record("129 bytes were taken")
      return
    }
  }

  @Test(
    "what is no token is refused as malformed",
    arguments: [
      "x", "a.b", "a.b.c.d", "..", "eyJhbGciOiJIUzI1NiJ9.e30.!!!", "eyJhbGciOiJIUzI1NiJ9=.e30.AAAA",
      "[].e30.AAAA",
    ])
  func malformed(token: String) async throws {
    let service = try await service()
    #expect {
      try service.verify(token, now: Self.now)
    } throws: { error in
      if case TokenProblem.malformed = error { true } else { false }
    }
  }

  @Test("random bytes and damaged tokens never get in and never crash")
  func damaged() async throws {
    let good = Array(try await token(#"{"sub":"a","role":"admin","exp":1700000060}"#).utf8)
    let service = try await service()
    let seed = UInt64.random(in: 1...UInt64.max)
    var state = seed
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    for _ in 0..<2000 {
      var bytes = good
      let place = Int(next() % UInt64(bytes.count))
      let byte = UInt8(truncatingIfNeeded: next() & 0x7F)
      guard bytes[place] != byte else { continue }
      bytes[place] = byte
      #expect(throws: TokenProblem.self, "seed \(seed)") {
        try service.verify(String(decoding: bytes, as: UTF8.self), now: Self.now)
      }
    }
  }

  @Test("a token above 8 KiB and critical extensions are refused")
  func extremes() async throws {
    let service = try await service()
    #expect(throws: TokenProblem.tooLong(bytes: 9000)) {
      try service.verify(String(repeating: "a", count: 9000), now: Self.now)
    }
    guard
      case .malformed? = try await problem(
        #"{"sub":"a","role":"admin","exp":1700000060}"#, header: #"{"alg":"HS256","crit":["exp"]}"#)
    else {
      Issue.record("an unknown critical extension was taken")
      return
    }
  }

  @Test("secrets that are too short, missing or named alike are refused, and never printed")
  func configuration() async throws {
    await #expect(throws: TokenConfigurationProblem.self) { try await service([]) }
    await #expect(throws: TokenConfigurationProblem.self) {
      try await service([TokenSecret(id: nil, secret: Array("short".utf8))])
    }
    await #expect(throws: TokenConfigurationProblem.self) {
      try await service([TokenSecret(id: "a", secret: Self.key), TokenSecret(id: "a", secret: Self.otherKey)])
    }
    #expect(!"\(TokenSecret(id: "a", secret: Self.key))".contains("48"))
  }
}
