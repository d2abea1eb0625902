package import Desk
package import NIOCore
package import Protocol

/// The frames of PROTOCOL.md that the server sends. A session in them takes at most 22 bytes, a number 20.
extension ByteBuffer {
  package mutating func writeWelcome(
    connection: UInt64, node: String, person: Person, heartbeatMilliseconds: Int, nodes: [MemberAddress],
    time: UInt64
  ) {
    var bound = 200 + JSONText.bound(node) + JSONText.bound(person.id)
    for member in nodes { bound += 24 + JSONText.bound(member.name) + JSONText.bound(member.clientURL) }
    writeTextFrame(bound: bound) { text in
      text.literal(#"{"type":"welcome","connection":""#)
      text.integer(connection)
      text.literal(#"","node":"#)
      text.string(node)
      text.literal(#","user":"#)
      text.string(person.id)
      text.literal(#","role":"#)
      text.string(person.role.name)
      text.literal(#","heartbeat_ms":"#)
      text.integer(heartbeatMilliseconds)
      text.literal(#","nodes":["#)
      var isFirst = true
      for member in nodes {
        text.literal(isFirst ? #"{"id":"# : #",{"id":"#)
        isFirst = false
        text.string(member.name)
        text.literal(#","client_url":"#)
        text.string(member.clientURL)
        text.literal("}")
      }
      text.literal(#"],"time":"#)
      text.integer(time)
      text.literal("}")
    }
  }

  package mutating func writeOpened(id: String, _ summary: SessionSummary) {
    var bound = 180 + JSONText.bound(id)
    for agent in summary.agents { bound += 1 + JSONText.bound(agent.rawValue) }
    writeTextFrame(bound: bound) { text in
      text.literal(#"{"type":"opened""#)
      text.id(id)
      text.literal(#","session":"#)
      text.session(summary.session)
      text.literal(#","state":"#)
      text.string(summary.state.rawValue)
      text.literal(#","position":"#)
      text.integer(summary.position)
      text.literal(#","eta_ms":"#)
      text.integer(summary.etaMilliseconds)
      text.literal(#","agents":["#)
      var isFirst = true
      for agent in summary.agents {
        if !isFirst { text.literal(",") }
        isFirst = false
        text.string(agent.rawValue)
      }
      text.literal("]}")
    }
  }

  package mutating func writeJoined(id: String, _ summary: SessionSummary) {
    writeTextFrame(bound: 120 + JSONText.bound(id)) { text in
      text.literal(#"{"type":"joined""#)
      text.id(id)
      text.literal(#","session":"#)
      text.session(summary.session)
      text.literal(#","state":"#)
      text.string(summary.state.rawValue)
      text.literal(#","seq":"#)
      text.integer(summary.sequence.rawValue)
      text.literal("}")
    }
  }

  /// Says how the resuming of a session went, before what was missed.
  package mutating func writeResumed(_ session: SessionID, recovered: Bool) {
    writeTextFrame(bound: 96) { text in
      text.literal(#"{"type":"resumed","session":"#)
      text.session(session)
      text.literal(recovered ? #","recovered":true}"# : #","recovered":false}"#)
    }
  }

  package mutating func writeAck(id: String, _ session: SessionID, _ sequence: Sequence, time: UInt64) {
    writeTextFrame(bound: 120 + JSONText.bound(id)) { text in
      text.literal(#"{"type":"ack""#)
      text.id(id)
      text.literal(#","session":"#)
      text.session(session)
      text.literal(#","seq":"#)
      text.integer(sequence.rawValue)
      text.literal(#","time":"#)
      text.integer(time)
      text.literal("}")
    }
  }

  package mutating func writeOK(id: String) {
    writeTextFrame(bound: 32 + JSONText.bound(id)) { text in
      text.literal(#"{"type":"ok""#)
      text.id(id)
      text.literal("}")
    }
  }

  package mutating func writePong(id: String) {
    writeTextFrame(bound: 32 + JSONText.bound(id)) { text in
      text.literal(#"{"type":"pong""#)
      text.id(id)
      text.literal("}")
    }
  }

  /// One message as a frame of its own.
  package mutating func writeMessage(_ session: SessionID, _ message: Transcribed) {
    message.body.withUnsafeBufferPointer { body in
      writeTextFrame(bound: 48 + JSONText.bound(message, body)) { text in
        text.literal(#"{"type":"message","session":"#)
        text.session(session)
        text.literal(",")
        text.members(of: message, body)
        text.literal("}")
      }
    }
  }

  /// A page of messages in one frame.
  package mutating func writeHistory(
    id: String, _ session: SessionID, _ messages: ArraySlice<Transcribed>, more: Bool
  ) {
    var bound = 96 + JSONText.bound(id)
    for message in messages {
      message.body.withUnsafeBufferPointer { bound += 3 + JSONText.bound(message, $0) }
    }
    writeTextFrame(bound: bound) { text in
      text.literal(#"{"type":"history""#)
      text.id(id)
      text.literal(#","session":"#)
      text.session(session)
      text.literal(#","messages":["#)
      var isFirst = true
      for message in messages {
        text.literal(isFirst ? "{" : ",{")
        isFirst = false
        message.body.withUnsafeBufferPointer { text.members(of: message, $0) }
        text.literal("}")
      }
      text.literal(more ? #"],"more":true}"# : #"],"more":false}"#)
    }
  }

  package mutating func writeEvent(_ session: SessionID, _ event: SessionEvent) {
    var bound = 128
    switch event {
    case .queued: break
    case .assigned(let agent, let name): bound += JSONText.bound(agent.rawValue) + JSONText.bound(name)
    case .transferred(let from, .agent(let receiver)):
      bound += JSONText.bound(from?.rawValue ?? "") + JSONText.bound(receiver.rawValue)
    case .transferred(let from, .skill(let skill)):
      bound += JSONText.bound(from?.rawValue ?? "") + JSONText.bound(skill)
    case .closed(let by, let reason): bound += JSONText.bound(by) + JSONText.bound(reason)
    case .typing(let by, let name, _): bound += JSONText.bound(by) + JSONText.bound(name)
    case .read(let by, _): bound += JSONText.bound(by)
    case .presence(let person, _): bound += JSONText.bound(person.id) + JSONText.bound(person.name)
    }
    writeTextFrame(bound: bound) { text in
      text.literal(#"{"type":"event","session":"#)
      text.session(session)
      switch event {
      case .queued(let position, let eta):
        text.literal(#","kind":"queued","position":"#)
        text.integer(position)
        text.literal(#","eta_ms":"#)
        text.integer(eta)
      case .assigned(let agent, let name):
        text.literal(#","kind":"assigned","agent":"#)
        text.string(agent.rawValue)
        text.literal(#","name":"#)
        text.string(name)
      case .transferred(let from, let target):
        text.literal(#","kind":"transferred""#)
        if let from {
          text.literal(#","from":"#)
          text.string(from.rawValue)
        }
        switch target {
        case .agent(let agent):
          text.literal(#","to":"#)
          text.string(agent.rawValue)
        case .skill(let skill):
          text.literal(#","skill":"#)
          text.string(skill)
        }
      case .closed(let by, let reason):
        text.literal(#","kind":"closed","by":"#)
        text.string(by)
        text.literal(#","reason":"#)
        text.string(reason)
      case .typing(let by, let name, let isOn):
        text.literal(#","kind":"typing","by":"#)
        text.string(by)
        text.literal(#","name":"#)
        text.string(name)
        text.literal(isOn ? #","on":true"# : #","on":false"#)
      case .read(let by, let sequence):
        text.literal(#","kind":"read","by":"#)
        text.string(by)
        text.literal(#","seq":"#)
        text.integer(Int(clamping: sequence.rawValue))
      case .presence(let person, let isOnline):
        text.literal(#","kind":"presence","user":"#)
        text.string(person.id)
        text.literal(#","name":"#)
        text.string(person.name)
        text.literal(#","role":"#)
        text.string(person.role.name)
        text.literal(isOnline ? #","online":true"# : #","online":false"#)
      }
      text.literal("}")
    }
  }

  /// - Parameter session: named when the request that failed had no id of its own, as those of `resume`.
  package mutating func writeError(id: String, session: SessionID?, _ failure: Failure) {
    let bound = 160 + JSONText.bound(id) + JSONText.bound(failure.message)
    writeTextFrame(bound: bound) { text in
      text.literal(#"{"type":"error""#)
      text.id(id)
      if let session {
        text.literal(#","session":"#)
        text.session(session)
      }
      text.literal(#","code":"#)
      text.string(failure.code.rawValue)
      text.literal(#","message":"#)
      text.string(failure.message)
      if let retryAfter = failure.retryAfterMilliseconds {
        text.literal(#","retry_after_ms":"#)
        text.integer(retryAfter)
      }
      text.literal("}")
    }
  }

  package mutating func writeGoaway(reason: String, node: String?, url: String?, afterMilliseconds: Int) {
    let bound = 112 + JSONText.bound(reason) + JSONText.bound(node ?? "") + JSONText.bound(url ?? "")
    writeTextFrame(bound: bound) { text in
      text.literal(#"{"type":"goaway","reason":"#)
      text.string(reason)
      if let node {
        text.literal(#","node":"#)
        text.string(node)
      }
      if let url {
        text.literal(#","client_url":"#)
        text.string(url)
      }
      text.literal(#","reconnect_after_ms":"#)
      text.integer(afterMilliseconds)
      text.literal("}")
    }
  }
}

extension JSONText {
  /// The id of a request; nothing when it had none.
  fileprivate mutating func id(_ id: String) {
    guard !id.isEmpty else { return }
    literal(#","id":"#)
    string(id)
  }

  /// A message's members between the braces, without its session.
  fileprivate mutating func members(of message: Transcribed, _ body: UnsafeBufferPointer<UInt8>) {
    literal(#""seq":"#)
    integer(message.sequence.rawValue)
    literal(#","id":"#)
    string(message.id)
    literal(#","from":"#)
    string(message.sender.id)
    literal(#","role":"#)
    string(message.sender.role.name)
    literal(#","name":"#)
    string(message.sender.name)
    literal(#","kind":"#)
    string(message.kind.name)
    literal(#","body":"#)
    string(body)
    literal(#","time":"#)
    integer(message.time)
  }

  fileprivate static func bound(_ message: Transcribed, _ body: UnsafeBufferPointer<UInt8>) -> Int {
    // 64 for the names, 40 for two numbers, 24 for role and kind.
    128 + bound(message.id) + bound(message.sender.id) + bound(message.sender.name) + bound(body)
  }
}
