internal import Kernel

extension FieldType where Value == [AgentWeight] {
  /// An object of agents and whole numbers, kept by agent. Of one that comes twice the last number counts.
  static var weights: Self {
    FieldType(
      schema: #""type": "object", "maxProperties": \#(Policy.mostWeights), "additionalProperties": "#
        + #"{"type": "integer", "minimum": 0, "maximum": \#(Policy.highest)}"#,
      spelling: .json,
      read: { (value, text) throws(FieldFault) in try readWeights(value, in: text) },
      write: { list, writer in
        writer.write(literal: "{")
        for (place, one) in list.enumerated() {
          if place > 0 { writer.write(literal: ",") }
          writer.write(json: one.agent.rawValue)
          writer.write(literal: ":")
          writer.write(decimal: UInt64(one.weight))
        }
        writer.write(literal: "}")
      },
      form: .list(of: .agentWeight), check: { (list) throws(FieldFault) in try checked(list) },
      sample: { generator in
        (0..<Int(generator.next() % 4)).map {
          AgentWeight(agent: AgentID("n\($0)"), weight: UInt32(generator.next() % 5))
        }
      })
  }

  private static func readWeights(
    _ value: JSONValue, in text: UnsafeRawBufferPointer
  ) throws(FieldFault) -> [AgentWeight] {
    guard value.kind == .object else { throw .malformed("must be an object of agents and whole numbers") }
    let raw = value.raw(in: text)
    var reader = JSONReader(raw)
    var list: [AgentWeight] = []
    var fault: FieldFault?
    do throws(JSONFault) {
      try reader.members(depth: 2) { name, value in
        guard fault == nil else { return }
        let agent = name.string(in: raw) ?? ""
        guard let weight = value.unsigned(in: raw), weight <= UInt64(Policy.highest) else {
          fault = .failure(
            Failure(
              .badFrame, "`weights.\(agent)` must be a whole number from 0 to \(Policy.highest)."))
          return
        }
        list.append(AgentWeight(agent: AgentID(agent), weight: UInt32(weight)))
        if list.count > Policy.mostWeights { fault = tooMany }
      }
    } catch { throw .malformed("must be an object of agents and whole numbers") }
    if let fault { throw fault }
    return try checked(list)
  }

  private static var tooMany: FieldFault { .tooLarge("names more than \(Policy.mostWeights) agents") }

  /// As they would be read from JSON.
  private static func checked(_ list: [AgentWeight]) throws(FieldFault) -> [AgentWeight] {
    guard list.count <= Policy.mostWeights else { throw tooMany }
    var weights: [AgentID: UInt32] = [:]
    for one in list {
      let name = one.agent.rawValue
      if name.isEmpty || name.utf8.count > 128 {
        throw .failure(Failure(.badFrame, "A name in `weights` must have from 1 to 128 bytes."))
      }
      if let fault = NameFault.inIdentity(name) {
        throw .failure(Failure(.badFrame, "A name in `weights` \(fault)."))
      }
      guard one.weight <= Policy.highest else {
        throw .failure(
          Failure(.badFrame, "`weights.\(name)` must be a whole number from 0 to \(Policy.highest)."))
      }
      weights[one.agent] = one.weight
    }
    return weights.sorted { $0.key < $1.key }.map { AgentWeight(agent: $0.key, weight: $0.value) }
  }
}

extension BinaryForm where Value == AgentWeight {
  static var agentWeight: Self {
    BinaryForm(
      "(text, varint)",
      encode: { one, writer in
        writer.write(string: one.agent.rawValue)
        writer.writeVarint(UInt64(one.weight))
      },
      decode: { (reader) throws(DecodingFailure) in
        let agent = AgentID(try reader.readString(limit: .max))
        guard let weight = UInt32(exactly: try reader.readVarint()) else {
          throw .invalid("the weight of an agent is above 32 bits")
        }
        return AgentWeight(agent: agent, weight: weight)
      })
  }
}

extension Policy {
  /// Parts that were drawn at random, put together so that they are taken.
  fileprivate var settled: Policy {
    var policy = self
    if algorithm != .weightedRoundRobin { policy.weights = [] }
    policy.steps = []
    for step in steps.sorted(by: { $0.after < $1.after }) where policy.steps.last?.after != step.after {
      policy.steps.append(step)
      if step.agents != nil { policy.steps[policy.steps.count - 1].minLevel = 0 }
    }
    if accept != .ring { policy.ring = RingRule() }
    if composite.queue + composite.busy + composite.delay == 0 { policy.composite = CompositeShares() }
    return policy
  }
}

extension FieldType where Value == Policy {
  /// A whole policy.
  package static var policy: Self {
    let record = FieldType.strict(Policy.fields, "policy")
    var type = FieldType(
      schema: record.schema, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard value.kind == .object, let object = try? JSONObject(value.raw(in: text), ["algorithm"]),
          object["algorithm"].isGiven
        else {
          let names = Policy.Algorithm.allCases.map(\.name).joined(separator: ", ")
          throw .malformed("must be an object with `algorithm`, one of \(names)")
        }
        return try checked(try record.read(value, text))
      },
      write: record.write, form: record.form,
      hear: { (reader) throws(FieldFault) in try checked(try record.hear(&reader)) },
      sample: { record.sample(&$0).settled })
    type.since = { Policy.fields.since($0) }
    return type
  }

  private static func checked(_ policy: Policy) throws(FieldFault) -> Policy {
    do throws(Failure) { try policy.check() } catch { throw .failure(error) }
    return policy
  }
}
