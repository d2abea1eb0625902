import Desk
import Kernel

/// What the frames of a client ask for, checked field by field. A field that is wrong is named in the error.
extension ClientFrame {
  /// The id, if there is one: the answer carries it back.
  func requestID(limit: Int) throws(Failure) -> String {
    guard id.isGiven else { return "" }
    guard let text = id.string(in: text) else { throw Failure(.badFrame, "`id` must be a string.") }
    // A character takes up to four bytes; counting them is only needed in between.
    if limit > 0, text.utf8.count > limit, text.unicodeScalars.count > limit {
      throw Failure(.badFrame, "`id` has more than \(limit) characters.")
    }
    return text
  }

  /// What an error calls this request: its id, be it one that is not taken.
  var name: RequestName {
    switch id.kind {
    case .string where id.end - id.start <= RequestIDSearch.longest: .text(id.string(in: text) ?? "")
    case .number where id.end - id.start <= RequestIDSearch.longest:
      .number(String(decoding: id.raw(in: text), as: UTF8.self))
    default: .none
    }
  }

  /// The id of a request that is remembered by it.
  private func neededID(_ id: String, _ what: StaticString) throws(Failure) {
    if id.isEmpty { throw Failure(.badFrame, "`\(what)` needs an `id`, a string that you choose.") }
  }

  private func neededSession(_ value: JSONValue? = nil) throws(Failure) -> SessionID {
    let value = value ?? session
    guard value.isGiven else { throw Failure(.badFrame, "`session` is missing.") }
    guard value.kind == .string else { throw Failure(.badFrame, "`session` must be a string.") }
    let id =
      value.isEscaped
      ? SessionID(text: value.string(in: text) ?? "") : SessionID(bytes: value.raw(in: text))
    guard let id else { throw Failure(.notFound, "There is no such session.") }
    return id
  }

  private func number(_ value: JSONValue, _ name: StaticString) throws(Failure) -> UInt64? {
    guard value.isGiven else { return nil }
    guard let number = value.unsigned(in: text) else {
      throw Failure(.badFrame, "`\(name)` must be a whole number from 0 on.")
    }
    return number
  }

  private func word(_ value: JSONValue, _ name: StaticString, limit: Int) throws(Failure) -> String {
    guard value.isGiven else { return "" }
    guard let word = value.string(in: text) else {
      throw Failure(.badFrame, "`\(name)` must be a string.")
    }
    if word.utf8.count > limit { throw Failure(.tooLarge, "`\(name)` has more than \(limit) bytes.") }
    return word
  }

  /// A word by which somebody or something is known.
  private func name(_ value: JSONValue, _ field: StaticString, limit: Int) throws(Failure) -> String {
    let name = try word(value, field, limit: limit)
    if let fault = NameFault.inIdentity(name) { throw Failure(.badFrame, "`\(field)` \(fault).") }
    return name
  }

  // MARK: Requests

  func hello() throws(Failure) -> Hello {
    var hello = Hello()
    if self.token.isGiven {
      hello.token = self.token.string(in: text)
      if hello.token == nil { throw Failure(.badFrame, "`token` must be a string.") }
    }
    switch receipts.kind {
    case .absent, .null, .yes, .no: break
    default: throw Failure(.badFrame, "`receipts` must be true or false.")
    }
    hello.receipts = receipts.kind == .yes
    try readResume(into: &hello)
    return hello
  }

  /// What is wrong with one point says nothing of the others: it is answered by itself, behind the welcome.
  private func readResume(into hello: inout Hello) throws(Failure) {
    guard resume.isGiven else { return }
    let raw = resume.raw(in: text)
    var reader = JSONReader(raw)
    let wrong = Failure(.badFrame, "`resume` must be a list of objects with `session` and `after`.")
    guard resume.kind == .array, reader.take(UInt8(ascii: "[")) else { throw wrong }
    if reader.take(UInt8(ascii: "]")) { return }
    repeat {
      reader.skipSpace()
      guard reader.position < raw.count, raw[reader.position] == UInt8(ascii: "{") else {
        // The text was read before, so it is a value of JSON.
        guard (try? reader.value(depth: 2)) != nil else { throw wrong }
        hello.odd.append(ResumeFault(session: nil, failure: wrong))
        continue
      }
      guard let point = try? ClientFrame(element: &reader, depth: 2) else { throw wrong }
      do throws(Failure) {
        let session = try point.neededSession()
        hello.resume.append((session, Sequence(try point.number(point.after, "after") ?? 0)))
      } catch {
        let named = point.session.string(in: raw)
        hello.odd.append(
          ResumeFault(session: named.flatMap { $0.utf8.count <= 128 ? $0 : nil }, failure: error))
      }
    } while reader.take(UInt8(ascii: ","))
  }

  func openRequest(id: String, _ entitlement: Entitlement) throws(Failure) -> OpenRequest {
    try neededID(id, "open")
    var priority: Int32?
    if self.priority.isGiven {
      guard let given = self.priority.signed(in: text) else {
        throw Failure(.badFrame, "`priority` must be a whole number of 32 bits.")
      }
      priority = given
    }
    return OpenRequest(
      id: id, channel: try name(channel, "channel", limit: 64), skill: try name(skill, "skill", limit: 64),
      intent: try name(intent, "intent", limit: 64), priority: try entitlement.priority(priority),
      attributes: try attributeList())
  }

  private func attributeList() throws(Failure) -> [Attribute] {
    guard attributes.isGiven else { return [] }
    guard attributes.kind == .object else { throw Failure(.badFrame, "`attributes` must be an object.") }
    let raw = attributes.raw(in: text)
    var reader = JSONReader(raw)
    var list: [Attribute] = []
    var fault: JSONFault?
    _ = reader.take(UInt8(ascii: "{"))
    if reader.take(UInt8(ascii: "}")) { return [] }
    repeat {
      let name: String
      let json: String
      do throws(JSONFault) {
        name = try reader.name().string(in: raw) ?? ""
        reader.skipSpace()
        let start = reader.position
        _ = try reader.value(depth: 2)
        json = String(decoding: raw[start..<reader.position], as: UTF8.self)
      } catch {
        fault = error
        break
      }
      try AttributeBounds.check(name, valueBytes: json.utf8.count)
      if let place = list.firstIndex(where: { $0.name == name }) {
        list[place].json = json
      } else {
        list.append(Attribute(name: name, json: json))
      }
    } while list.count <= AttributeBounds.count && reader.take(UInt8(ascii: ","))
    if let fault { throw Failure(.badFrame, "`attributes` is not JSON: \(fault.description).") }
    try AttributeBounds.check(list)
    return list
  }

  func joinRequest() throws(Failure) -> (SessionID, Sequence) {
    (try neededSession(), Sequence(try number(after, "after") ?? 0))
  }

  func sendRequest(id: String, bodyBytes: Int) throws(Failure) -> ClientRequest.Body {
    try neededID(id, "send")
    let session = try neededSession()
    guard body.isGiven else { throw Failure(.badFrame, "`body` is missing.") }
    guard body.kind == .string else {
      throw Failure(.badFrame, "`body` must be a string; put structured data into it as JSON text.")
    }
    // Escapes make the text longer than what it says, never shorter.
    let bytes = body.bytes(in: text) ?? []
    if bodyBytes > 0, bytes.count > bodyBytes {
      throw Failure(.tooLarge, "`body` has \(bytes.count) bytes; \(bodyBytes) are allowed.")
    }
    return .send(session, id: id, body: bytes)
  }

  func typing() throws(Failure) -> ClientRequest.Body {
    let session = try neededSession()
    switch on.kind {
    case .yes, .no: return .typing(session, isOn: on.kind == .yes)
    default: throw Failure(.badFrame, "`on` must be true or false.")
    }
  }

  func receipt() throws(Failure) -> (SessionID, Sequence) {
    let session = try neededSession()
    guard let sequence = try number(seq, "seq") else { throw Failure(.badFrame, "`seq` is missing.") }
    return (session, Sequence(sequence))
  }

  func statusRequest(_ entitlement: Entitlement) throws(Failure) -> ClientRequest.Body {
    guard let name = status.string(in: text), let status = AgentStatus(name: name) else {
      let names = AgentStatus.allCases.map(\.name).joined(separator: ", ")
      throw Failure(.badFrame, "`status` must be one of \(names).")
    }
    var capacity: UInt32?
    if self.capacity.isGiven {
      guard let given = self.capacity.unsigned(in: text), given <= 100_000 else {
        throw Failure(.badFrame, "`capacity` must be a whole number from 0 to 100000.")
      }
      capacity = UInt32(given)
    }
    return .status(
      status, skills: try entitlement.skills(try skillList()), capacity: try entitlement.capacity(capacity))
  }

  private func skillList() throws(Failure) -> [SkillWeight]? {
    guard skills.isGiven else { return nil }
    let wrong = Failure(
      .badFrame,
      "`skills` must be a list of names or of objects with `skill` and `weight` (0 to 1000; 1 is the usual one)."
    )
    guard skills.kind == .array else { throw wrong }
    let raw = skills.raw(in: text)
    var reader = JSONReader(raw)
    var list: [SkillWeight] = []
    _ = reader.take(UInt8(ascii: "["))
    if reader.take(UInt8(ascii: "]")) { return [] }
    repeat {
      reader.skipSpace()
      var skill: SkillWeight?
      if reader.position < raw.count, raw[reader.position] == UInt8(ascii: "{") {
        guard let element = try? ClientFrame(element: &reader, depth: 2) else { throw wrong }
        if let name = element.skill.string(in: raw), let weight = Self.thousandths(element.weight, in: raw) {
          skill = SkillWeight(skill: name, weight: weight)
        }
      } else if let name = try? reader.value(depth: 2).string(in: raw) {
        skill = SkillWeight(skill: name)
      }
      guard let skill, !skill.skill.isEmpty, skill.skill.utf8.count <= 64 else { throw wrong }
      if let fault = NameFault.inIdentity(skill.skill) {
        throw Failure(.badFrame, "A name in `skills` \(fault).")
      }
      if let place = list.firstIndex(where: { $0.skill.hasSameBytes(as: skill.skill) }) {
        list[place] = skill
      } else {
        list.append(skill)
      }
      if list.count > 256 { throw Failure(.tooLarge, "`skills` names more than 256 skills.") }
    } while reader.take(UInt8(ascii: ","))
    return list
  }

  /// A weight as in a token: 1 when it is left out, three digits behind the point count, and 0 alone means none.
  private static func thousandths(_ weight: JSONValue, in text: UnsafeRawBufferPointer) -> UInt32? {
    guard weight.isGiven else { return 1000 }
    guard weight.kind == .number, let value = Double(String(decoding: weight.raw(in: text), as: UTF8.self)),
      (0...1000).contains(value)
    else { return nil }
    return value == 0 ? 0 : max(1, UInt32((value * 1000).rounded()))
  }

  func closeRequest() throws(Failure) -> ClientRequest.Body {
    .close(try neededSession(), reason: try word(reason, "reason", limit: 256))
  }

  func transferRequest(id: String) throws(Failure) -> ClientRequest.Body {
    try neededID(id, "transfer")
    let session = try neededSession()
    guard agent.isGiven != skill.isGiven else {
      throw Failure(.badFrame, "Give one of `agent` and `skill`.")
    }
    let target: TransferSession.Target
    if agent.isGiven {
      // As long as the `sub` of a token may be.
      target = .agent(AgentID(try neededWord(agent, "agent", limit: 128)))
    } else {
      target = .skill(try neededWord(skill, "skill", limit: 64))
    }
    return .transfer(session, id: id, to: target)
  }

  private func neededWord(_ value: JSONValue, _ name: StaticString, limit: Int) throws(Failure) -> String {
    let word = try self.name(value, name, limit: limit)
    if word.isEmpty { throw Failure(.badFrame, "`\(name)` must not be empty.") }
    return word
  }

  func historyRequest() throws(Failure) -> (body: ClientRequest.Body, isBackwards: Bool) {
    let session = try neededSession()
    let given = try (number(after, "after"), number(before, "before"), number(since, "since"))
    let limit = try number(limit, "limit") ?? 100
    guard limit >= 1 else { throw Failure(.badFrame, "`limit` must be from 1 to 1000.") }
    let range: HistoryRange
    switch given {
    case (let after?, nil, nil): range = .after(Sequence(after))
    case (nil, let before?, nil): range = .before(Sequence(before))
    case (nil, nil, let since?): range = .since(since)
    case (nil, nil, nil): range = .after(.zero)
    default: throw Failure(.badFrame, "Give one of `after`, `before` and `since`, not several.")
    }
    return (.history(session, range, limit: Int(min(limit, 1000))), given.1 != nil)
  }
}

extension ClientFrame {
  func sessionsRequest() throws(Failure) -> ClientRequest.Body {
    let limit = try number(limit, "limit") ?? UInt64(OwnSessions.usual)
    guard limit >= 1 else { throw Failure(.badFrame, "`limit` must be from 1 to \(OwnSessions.most).") }
    return .sessions(limit: Int(min(limit, UInt64(OwnSessions.most))))
  }
}

/// The first frame of a client.
struct Hello {
  var token: String?
  var receipts = false
  var resume: [(session: SessionID, after: Sequence)] = []
  /// Points of `resume` that cannot be followed.
  var odd: [ResumeFault] = []
}

struct ResumeFault {
  /// As the client has named it; nil when it has not, or at length.
  var session: String?
  var failure: Failure
}
