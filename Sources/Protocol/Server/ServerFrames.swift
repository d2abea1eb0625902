package import Desk
package import Kernel

/// The frames of `v2.msg` that the server sends.
extension FrameBuffer {
  package mutating func writeWelcome(
    connection: UInt64, node: String, person: Person, heartbeatMilliseconds: Int, nodes: [MemberAddress],
    limits: ServerLimits, time: UInt64
  ) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"welcome","connection":""#)
      text.write(decimal: connection)
      text.write(literal: #"","node":"#)
      text.write(json: node)
      text.write(literal: #","user":"#)
      text.write(json: person.id)
      text.write(literal: #","role":"#)
      text.write(json: person.role.name)
      text.write(literal: #","heartbeat_ms":"#)
      text.write(decimal: heartbeatMilliseconds)
      text.write(literal: #","nodes":["#)
      var isFirst = true
      for member in nodes {
        text.write(literal: isFirst ? #"{"id":"# : #",{"id":"#)
        isFirst = false
        text.write(json: member.name)
        text.write(literal: #","client_url":"#)
        text.write(json: member.clientURL)
        text.write(literal: "}")
      }
      text.write(literal: #"],"limits":{"#)
      if let bytes = limits.bodyBytes {
        text.write(literal: #""body_bytes":"#)
        text.write(decimal: bytes)
      }
      if let bytes = limits.frameBytes {
        text.write(literal: limits.bodyBytes == nil ? #""frame_bytes":"# : #","frame_bytes":"#)
        text.write(decimal: bytes)
      }
      text.write(literal: #"},"time":"#)
      text.write(decimal: time)
      text.write(literal: "}")
    }
  }

  package mutating func writeOpened(id: String, _ summary: SessionSummary) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"opened""#)
      text.write(id: id)
      text.write(literal: #","session":"#)
      text.write(json: summary.session)
      text.write(literal: #","state":"#)
      text.write(json: summary.state.rawValue)
      text.write(literal: #","position":"#)
      text.write(decimal: summary.position)
      text.write(literal: #","eta_ms":"#)
      text.write(decimal: summary.etaMilliseconds)
      text.write(literal: #","agents":["#)
      text.write(names: summary.agents)
      text.write(literal: "]")
      if let range = summary.etaRange {
        text.write(literal: #","eta_low_ms":"#)
        text.write(decimal: range.lowerBound)
        text.write(literal: #","eta_high_ms":"#)
        text.write(decimal: range.upperBound)
      }
      text.write(literal: "}")
    }
  }

  package mutating func writeJoined(id: String, _ summary: SessionSummary) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"joined""#)
      text.write(id: id)
      text.write(literal: #","session":"#)
      text.write(json: summary.session)
      text.write(literal: #","state":"#)
      text.write(json: summary.state.rawValue)
      text.write(literal: #","seq":"#)
      text.write(decimal: summary.sequence.rawValue)
      text.write(literal: "}")
    }
  }

  /// Says how the resuming of a session went, before what was missed.
  package mutating func writeResumed(_ session: SessionID, recovered: Bool) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"resumed","session":"#)
      text.write(json: session)
      text.write(literal: recovered ? #","recovered":true}"# : #","recovered":false}"#)
    }
  }

  package mutating func writeAck(id: String, _ session: SessionID, _ sequence: Sequence, time: UInt64) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"ack""#)
      text.write(id: id)
      text.write(literal: #","session":"#)
      text.write(json: session)
      text.write(literal: #","seq":"#)
      text.write(decimal: sequence.rawValue)
      text.write(literal: #","time":"#)
      text.write(decimal: time)
      text.write(literal: "}")
    }
  }

  package mutating func writeOK(id: String) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"ok""#)
      text.write(id: id)
      text.write(literal: "}")
    }
  }

  /// The token ends then: a new one may be sent with `hello`.
  package mutating func writeTokenExpires(inMilliseconds: Int) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"token_expires","in_ms":"#)
      text.write(decimal: inMilliseconds)
      text.write(literal: "}")
    }
  }

  package mutating func writePong(id: String) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"pong""#)
      text.write(id: id)
      text.write(literal: "}")
    }
  }

  /// One message as a frame of its own.
  package mutating func writeMessage(_ session: SessionID, _ message: Transcribed) {
    message.body.withUnsafeBytes { body in
      writeTextFrame(expected: body.count + 300) { text in
        text.write(literal: #"{"type":"message","session":"#)
        text.write(json: session)
        text.write(literal: ",")
        text.writeMembers(of: message, body)
        text.write(literal: "}")
      }
    }
  }

  /// A page of messages in one frame.
  package mutating func writeHistory(
    id: String, _ session: SessionID, _ messages: ArraySlice<Transcribed>, more: Bool, isCut: Bool
  ) {
    writeTextFrame(expected: messages.reduce(256) { $0 + $1.body.count + 300 }) { text in
      text.write(literal: #"{"type":"history""#)
      text.write(id: id)
      text.write(literal: #","session":"#)
      text.write(json: session)
      text.write(literal: #","messages":["#)
      var isFirst = true
      for message in messages {
        text.write(literal: isFirst ? "{" : ",{")
        isFirst = false
        message.body.withUnsafeBytes { text.writeMembers(of: message, $0) }
        text.write(literal: "}")
      }
      text.write(literal: more ? #"],"more":true"# : #"],"more":false"#)
      text.write(literal: isCut ? #","complete":false}"# : "}")
    }
  }

  /// The answer to a query, by its declaration.
  package mutating func writeAnswer<One: AnswerRecord>(id: String, _ record: One) {
    writeTextFrame(expected: 4_096) { text in
      text.write(literal: #"{"type":""#)
      text.write(literal: One.name)
      text.write(literal: "\"")
      text.write(id: id)
      var isFirst = false
      One.fields.writeMembers(of: record, isFirst: &isFirst, into: &text)
      text.write(literal: "}")
    }
  }

  package mutating func writeEvent(_ session: SessionID, _ event: SessionEvent) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"event","session":"#)
      text.write(json: session)
      switch event {
      case .queued(let position, let eta, let range):
        Queued(position: position, eta: eta, range: range).write(into: &text)
      case .assigned(let agent, let name): Assigned(agent: agent.rawValue, shown: name).write(into: &text)
      case .transferred(let from, .agent(let agent)):
        Transferred(from: from?.rawValue, to: agent.rawValue, skill: nil).write(into: &text)
      case .transferred(let from, .skill(let skill)):
        Transferred(from: from?.rawValue, to: nil, skill: skill).write(into: &text)
      case .closed(let by, let reason): Closed(by: by, reason: reason).write(into: &text)
      case .typing(let by, let name, let isOn): TypingTold(by: by, shown: name, on: isOn).write(into: &text)
      case .read(let by, let sequence): ReadTold(by: by, seq: sequence).write(into: &text)
      case .presence(let person, let isOnline):
        PresenceTold(user: person.id, shown: person.name, role: person.role, online: isOnline).write(
          into: &text)
      case .news(let news): news.write(into: &text)
      }
      text.write(literal: "}")
    }
  }

  /// - Parameter session: named when the request that failed had no id of its own, as those of `resume`.
  package mutating func writeError(_ name: RequestName, session: String?, _ failure: Failure) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"error""#)
      switch name {
      case .text(let id): text.write(id: id)
      case .number(let digits):
        text.write(literal: #","id":"#)
        text.write(Array(digits.utf8))
      }
      if let session {
        text.write(literal: #","session":"#)
        text.write(json: session)
      }
      text.write(literal: #","code":"#)
      text.write(json: failure.code.rawValue)
      text.write(literal: #","message":"#)
      text.write(json: failure.message)
      if let retryAfter = failure.retryAfterMilliseconds {
        text.write(literal: #","retry_after_ms":"#)
        text.write(decimal: retryAfter)
      }
      text.write(literal: "}")
    }
  }

  package mutating func writeGoaway(reason: String, node: String?, url: String?, afterMilliseconds: Int) {
    writeTextFrame { text in
      text.write(literal: #"{"type":"goaway","reason":"#)
      text.write(json: reason)
      if let node {
        text.write(literal: #","node":"#)
        text.write(json: node)
      }
      if let url {
        text.write(literal: #","client_url":"#)
        text.write(json: url)
      }
      text.write(literal: #","reconnect_after_ms":"#)
      text.write(decimal: afterMilliseconds)
      text.write(literal: "}")
    }
  }
}

extension BoundedWriter {
  /// The id of a request; nothing when it had none.
  fileprivate mutating func write(id: String) {
    guard !id.isEmpty else { return }
    write(literal: #","id":"#)
    write(json: id)
  }

  fileprivate mutating func write(names: [AgentID]) {
    var isFirst = true
    for name in names {
      if !isFirst { write(literal: ",") }
      isFirst = false
      write(json: name.rawValue)
    }
  }

  /// A message's members between the braces, without its session.
  fileprivate mutating func writeMembers(of message: Transcribed, _ body: UnsafeRawBufferPointer) {
    write(literal: #""seq":"#)
    write(decimal: message.sequence.rawValue)
    write(literal: #","id":"#)
    write(json: message.id)
    write(literal: #","from":"#)
    write(json: message.sender.id)
    write(literal: #","role":"#)
    write(json: message.sender.role.name)
    write(literal: #","name":"#)
    write(json: message.sender.name)
    write(literal: #","kind":"#)
    write(json: message.kind.name)
    write(literal: #","body":"#)
    write(json: body)
    write(literal: #","time":"#)
    write(decimal: message.time)
  }
}
