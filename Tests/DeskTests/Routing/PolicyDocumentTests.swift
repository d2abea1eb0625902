import Kernel
import Testing

@testable import Desk

@Suite("Documents of policies")
struct PolicyDocumentTests {
  private func fault(_ document: String) -> String {
    switch readPolicy(document) {
    case .success(let policy): "taken: \(policy)"
    case .failure(let failure): failure.message
    }
  }

  @Test("the plain document is valid as it stands, with what is usual for the rest")
  func plain() throws {
    let policy = try readPolicy(#"{"algorithm":"weighted_round_robin","weights":{"B":1,"A":3}}"#).get()
    #expect(policy.algorithm == .weightedRoundRobin)
    #expect(policy.weights.map { "\($0.agent) \($0.weight)" } == ["A 3", "B 1"])
    #expect(policy.priorityCredit == 300_000 && policy.defaultSkillWeight == 500 && policy.steps.isEmpty)
    #expect(policy.weight(of: AgentID("A")) == 3 && policy.weight(of: AgentID("C")) == 1)
  }

  @Test("all of its parts are read")
  func whole() throws {
    let policy = try readPolicy(
      #"""
      {"algorithm":"composite","composite":{"queue":100,"busy_window_ms":600000},"priority_credit_ms":0,
       "default_skill_weight":250,"queue":{"max_length":50,"on_full":"refuse"},
       "steps":[{"after_ms":0,"min_level":800},{"after_ms":30000,"skill":"general","agents":["b","a","b"]}]}
      """#
    ).get()
    #expect(
      policy.composite.queue == 100 && policy.composite.busy == 300 && policy.composite.busyWindow == 600_000)
    #expect(policy.queue == QueueLimit(maxLength: 50) && policy.defaultSkillWeight == 250)
    #expect(
      policy.steps == [
        PolicyStep(after: 0, minLevel: 800),
        PolicyStep(after: 30_000, skill: "general", agents: [AgentID("a"), AgentID("b")]),
      ])
    #expect(try Policy.fields.decode(Policy.fields.encode(policy)) == policy)
  }

  @Test("what is wrong is refused, and named")
  func wrong() {
    for (document, word) in [
      (#"{}"#, "`policy` must be an object with `algorithm`"), (#"[]"#, "`policy` must be an object"),
      (#"{"algorithm":"fastest"}"#, "`algorithm` must be one of round_robin"),
      (#"{"algorithm":"skill","sticky":{"mode":"off"}}"#, "`policy.sticky` is not known"),
      (#"{"algorithm":"skill","accept":"maybe"}"#, "`accept` must be one of auto, ring"),
      (#"{"algorithm":"skill","ring":{"attempts":2}}"#, "`policy.ring` needs `accept` to be `ring`"),
      (
        #"{"algorithm":"skill","accept":"ring","ring":{"timeout_ms":1}}"#,
        "`timeout_ms` must be a whole number from 100"
      ),
      (#"{"algorithm":"skill","algorithm":"manual"}"#, "`policy.algorithm` comes twice"),
      (#"{"algorithm":"weighted_round_robin","weights":{"A":-1}}"#, "`weights.A` must be a whole number"),
      (#"{"algorithm":"weighted_round_robin","weights":{"A":1.5}}"#, "`weights.A` must be a whole number"),
      (#"{"algorithm":"weighted_round_robin","weights":{" A":1}}"#, "A name in `weights` begins or ends"),
      (#"{"algorithm":"skill","weights":{"A":1}}"#, "`policy.weights` is of `weighted_round_robin` alone"),
      (#"{"algorithm":"skill","steps":[{"after_ms":5},{"after_ms":5}]}"#, "`policy.steps` must ascend"),
      (#"{"algorithm":"skill","steps":[{}]}"#, "`after_ms` is missing"),
      (#"{"algorithm":"skill","steps":[{"after_ms":0,"agents":[]}]}"#, "`policy.steps.agents` must name"),
      (#"{"algorithm":"skill","steps":[{"after_ms":0,"priority":1}]}"#, "`steps.priority` is not known"),
      (#"{"algorithm":"skill","steps":[{"after_ms":0,"agents":["a"],"min_level":5}]}"#, "needs a `skill`"),
      (
        #"{"algorithm":"skill","queue":{"max_length":5,"on_full":"offline"}}"#,
        "`on_full` must be one of refuse"
      ),
      (#"{"algorithm":"skill","queue":{"max_length":0}}"#, "`max_length` must be a whole number from 1"),
      (
        #"{"algorithm":"composite","composite":{"queue":0,"busy":0,"delay":0}}"#,
        "`policy.composite` must weigh"
      ),
    ] {
      #expect(fault(document).contains(word), "\(document): \(fault(document))")
    }
    let weights = (0..<2_001).map { "\"a\($0)\":1" }.joined(separator: ",")
    #expect(fault(#"{"algorithm":"weighted_round_robin","weights":{\#(weights)}}"#).contains("more than 2000"))
    let long = (0..<600).map { "\"\(String(repeating: "x", count: 120))\($0)\":1" }.joined(separator: ",")
    #expect(fault(#"{"algorithm":"weighted_round_robin","weights":{\#(long)}}"#).contains("65536 are allowed"))
  }

  @Test("a field that a newer client says in bytes is refused as well, and bounds are kept there")
  func bytes() throws {
    func hear(_ policy: [UInt8]) -> Failure? {
      var writer = ByteWriter()
      for (number, name) in [(1, "*"), (2, "*")] as [(UInt64, String)] {
        var value = ByteWriter()
        value.write(string: name)
        writer.writeVarint(number)
        writer.write(bytes: value.bytes)
      }
      var value = ByteWriter()
      value.write(bytes: policy)
      writer.writeVarint(3)
      writer.write(bytes: value.bytes)
      var record = RecordReader(writer.bytes)
      do throws(Failure) {
        _ = try SetPolicy.fields.hear(&record)
        return nil
      } catch { return error }
    }
    let plain = Policy.fields.encode(Policy(algorithm: .skill))
    #expect(hear(plain) == nil)
    #expect(hear(plain + [99, 1, 0])?.message.contains("field 99") == true)
    var late = Policy(algorithm: .skill)
    late.steps = [PolicyStep(after: .max)]
    #expect(hear(Policy.fields.encode(late))?.message.contains("`after_ms` must be") == true)
  }
}
