import Desk
import TestFrames
import Testing

@testable import Protocol

/// A client asks for less than its token allows, never for more.
struct EntitlementTests {
  private func ask(
    _ fields: String, _ person: Person, _ claims: Claims? = nil, _ choices: ClientChoices = ClientChoices()
  ) -> (requests: [ClientRequest], complaints: [String]) {
    let harness = ConnectionHarness.welcomed(
      person, GatewaySettings(choices: choices), claims: claims)
    harness.say(fields)
    return (harness.requests(), harness.complaints())
  }

  private func priority(_ field: String, claimed: Int32? = nil, _ choices: ClientChoices = ClientChoices())
    -> Int32?
  {
    let claims = Claims(person: customer, priority: claimed, expiresAtMilliseconds: .max)
    let (requests, complaints) = ask(#"{"type":"open","id":"1"\#(field)}"#, customer, claims, choices)
    guard case .open(let open)? = requests.first?.body else {
      #expect(complaints == ["forbidden"])
      return nil
    }
    #expect(complaints.isEmpty)
    return open.priority
  }

  @Test("a customer's priority is bounded by the token, and by the configuration where the token says nothing")
  func priorities() {
    #expect(priority("") == 0)
    #expect(priority(#","priority":-7"#) == -7)
    #expect(priority(#","priority":1"#) == nil)
    #expect(priority(#","priority":2147483647"#) == nil)
    #expect(priority(#","priority":5"#, claimed: 5) == 5)
    #expect(priority(#","priority":6"#, claimed: 5) == nil)
    #expect(priority("", claimed: 5) == 5)
    #expect(priority(#","priority":0"#, claimed: 5) == 0)
    #expect(priority(#","priority":0"#, claimed: -2) == nil)
    #expect(priority("", claimed: -2) == -2)
    var free = ClientChoices()
    free.priority = 9
    #expect(priority(#","priority":9"#, free) == 9)
    #expect(priority(#","priority":10"#, free) == nil)
    // The token stands above the configuration in both directions.
    #expect(priority(#","priority":9"#, claimed: 3, free) == nil)
  }

  private func status(
    _ fields: String, claimed: [SkillWeight]? = nil, capacity: UInt32? = nil,
    _ choices: ClientChoices = ClientChoices()
  ) -> (skills: [SkillWeight]?, capacity: UInt32?)? {
    let claims = Claims(person: agent, skills: claimed, capacity: capacity, expiresAtMilliseconds: .max)
    let (requests, complaints) = ask(
      #"{"type":"status","id":"1","status":"online"\#(fields)}"#, agent, claims, choices)
    guard let status = requests.first?.body.status else {
      #expect(complaints == ["forbidden"])
      return nil
    }
    #expect(complaints.isEmpty)
    return (status.skills, status.capacity)
  }

  @Test("an agent's skills and weights are bounded by the token")
  func skills() {
    let given = [SkillWeight(skill: "billing", weight: 500), SkillWeight(skill: "refunds", weight: 2000)]
    #expect(status(#","skills":["vip"]"#, claimed: given) == nil)
    #expect(status(#","skills":["billing","vip"]"#, claimed: given) == nil)
    #expect(status(#","skills":[{"skill":"vip","weight":1}]"#, claimed: []) == nil)
    #expect(status(#","skills":[]"#, claimed: given)?.skills == [])
    #expect(status(#","skills":["refunds"]"#, claimed: given)?.skills == [SkillWeight(skill: "refunds")])
    #expect(
      status(#","skills":["billing"]"#, claimed: given)?.skills == [SkillWeight(skill: "billing", weight: 500)])
    #expect(status("", claimed: given)?.skills == given)
    // Another spelling of the same characters is another skill.
    #expect(status(#","skills":["cafe\u0301"]"#, claimed: [SkillWeight(skill: "caf\u{e9}")]) == nil)
  }

  @Test("without the claim the configuration says which skills and how many chats an agent may choose")
  func configured() {
    #expect(status(#","skills":["any"],"capacity":1000"#)?.capacity == 1000)
    #expect(status(#","capacity":1001"#) == nil)
    var strict = ClientChoices()
    strict.skills = ["billing"]
    strict.capacity = 2
    #expect(status(#","skills":["billing"],"capacity":2"#, strict)?.skills == [SkillWeight(skill: "billing")])
    #expect(status(#","skills":["vip"]"#, strict) == nil)
    #expect(status(#","capacity":3"#, strict) == nil)
    #expect(
      status(#","skills":["vip"],"capacity":3"#, claimed: [SkillWeight(skill: "vip")], capacity: 3, strict)
        != nil)
  }

  @Test("an agent's capacity is bounded by the token")
  func capacity() {
    #expect(status(#","capacity":5"#, capacity: 4) == nil)
    #expect(status(#","capacity":3"#, capacity: 4)?.capacity == 3)
    #expect(status("", capacity: 4)?.capacity == 4)
    #expect(status(#","capacity":1"#, capacity: 0) == nil)
  }

  @Test("what is refused costs the connection nothing else: the next request is taken")
  func goesOn() {
    let harness = ConnectionHarness.welcomed(customer)
    harness.say(#"{"type":"open","id":"1","priority":1}"#)
    #expect(harness.complaints() == ["forbidden"])
    harness.say(#"{"type":"open","id":"2"}"#)
    #expect(harness.requests().count == 1)
  }

  @Test(
    "names that look like others, or change the text around them, are refused with the field's name",
    arguments: [
      "a\\u0000", "a\\n", "\\u202Eb", "a\\u200Bb", "\\u2066b", " a", "a ", "a\\u00A0b", "a\\uFEFF", "\\u00ADb",
    ])
  func names(_ name: String) {
    for field in ["channel", "skill", "intent"] {
      #expect(ask(#"{"type":"open","id":"1","\#(field)":"\#(name)"}"#, customer).complaints == ["bad_frame"])
    }
    for field in ["agent", "skill"] {
      #expect(
        ask(#"{"type":"transfer","id":"1","session":"5","\#(field)":"\#(name)"}"#, agent).complaints
          == ["bad_frame"])
    }
    #expect(
      ask(#"{"type":"status","id":"1","status":"online","skills":["\#(name)"]}"#, agent).complaints == [
        "bad_frame"
      ])
  }
}
