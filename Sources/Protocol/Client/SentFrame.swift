package import Kernel

/// A frame that a client sends, as the JSON object of `v2.msg`. Fields that are nil are left out.
package struct SentFrame: Sendable, Equatable {
  package struct ResumePoint: Sendable, Equatable {
    package var session: String
    package var after: UInt64

    package init(session: String, after: UInt64) {
      self.session = session
      self.after = after
    }
  }

  package var type: String
  package var id: String?
  package var token: String?
  package var receipts: Bool?
  package var resume: [ResumePoint]?
  package var session: String?
  package var after: UInt64?
  package var before: UInt64?
  package var since: UInt64?
  package var limit: Int?
  package var seq: UInt64?
  package var on: Bool?
  package var body: String?
  package var status: String?
  package var skills: [String]?
  package var capacity: Int?
  package var channel: String?
  package var skill: String?
  package var intent: String?
  package var priority: Int?
  package var attributes: [String: String]?
  package var reason: String?
  package var agent: String?

  package init(_ type: String, id: String? = nil) {
    self.type = type
    self.id = id
  }

  /// Writes the frame as JSON, its members in alphabetical order.
  package func write(to text: inout BoundedWriter) {
    var members = JSONMembers()
    text.write(literal: "{")
    members.add("after", after, to: &text)
    members.add("agent", agent, to: &text)
    if let attributes {
      members.name("attributes", to: &text)
      var inner = JSONMembers()
      text.write(literal: "{")
      for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        inner.name(name, to: &text)
        text.write(json: value)
      }
      text.write(literal: "}")
    }
    members.add("before", before, to: &text)
    members.add("body", body, to: &text)
    members.add("capacity", capacity, to: &text)
    members.add("channel", channel, to: &text)
    members.add("id", id, to: &text)
    members.add("intent", intent, to: &text)
    members.add("limit", limit, to: &text)
    members.add("on", on, to: &text)
    members.add("priority", priority, to: &text)
    members.add("reason", reason, to: &text)
    members.add("receipts", receipts, to: &text)
    if let resume {
      members.name("resume", to: &text)
      text.write(literal: "[")
      for (place, point) in resume.enumerated() {
        text.write(literal: place == 0 ? #"{"after":"# : #",{"after":"#)
        text.write(decimal: point.after)
        text.write(literal: #","session":"#)
        text.write(json: point.session)
        text.write(literal: "}")
      }
      text.write(literal: "]")
    }
    members.add("seq", seq, to: &text)
    members.add("session", session, to: &text)
    members.add("since", since, to: &text)
    members.add("skill", skill, to: &text)
    if let skills {
      members.name("skills", to: &text)
      text.write(literal: "[")
      for (place, skill) in skills.enumerated() {
        if place > 0 { text.write(literal: ",") }
        text.write(json: skill)
      }
      text.write(literal: "]")
    }
    members.add("status", status, to: &text)
    members.add("token", token, to: &text)
    members.add("type", type, to: &text)
    text.write(literal: "}")
  }

  /// The frame's text as UTF-8.
  package var encoded: [UInt8] {
    var buffer = FrameBuffer()
    buffer.append(expected: 256 + (body?.utf8.count ?? 0) + (token?.utf8.count ?? 0)) { write(to: &$0) }
    return buffer.bytes
  }
}

/// Members of a JSON object, each behind a comma but the first.
private struct JSONMembers {
  private var isEmpty = true

  mutating func name(_ name: String, to text: inout BoundedWriter) {
    if !isEmpty { text.write(literal: ",") }
    isEmpty = false
    text.write(json: name)
    text.write(literal: ":")
  }

  mutating func add(_ name: String, _ value: String?, to text: inout BoundedWriter) {
    guard let value else { return }
    self.name(name, to: &text)
    text.write(json: value)
  }

  mutating func add(_ name: String, _ value: UInt64?, to text: inout BoundedWriter) {
    guard let value else { return }
    self.name(name, to: &text)
    text.write(decimal: value)
  }

  mutating func add(_ name: String, _ value: Int?, to text: inout BoundedWriter) {
    guard let value else { return }
    self.name(name, to: &text)
    if value < 0 { text.write(literal: "-") }
    text.write(decimal: UInt64(value.magnitude))
  }

  mutating func add(_ name: String, _ value: Bool?, to text: inout BoundedWriter) {
    guard let value else { return }
    self.name(name, to: &text)
    text.write(literal: value ? "true" : "false")
  }
}
