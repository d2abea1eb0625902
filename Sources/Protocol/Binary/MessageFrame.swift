package import Desk

package struct MessageFrame: ServerFrame {
  package static let type = BinaryFrameType.message
  package var session: SessionID
  package var message: Transcribed
  package var isResent = false

  /// Of the last field of one that is sent again, and its bytes.
  static let resent: [UInt8] = [10, 1, 1]

  package static let fields = Fields(
    { session, seq, id, from, role, name, kind, body, time, resent in
      Self(
        session: session,
        message: Transcribed(
          sequence: seq, id: id, sender: Person(id: from, role: role, name: name), kind: kind, body: body,
          time: time),
        isResent: resent)
    },
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "seq", { $0.message.sequence }, .sequence, "Its place, from 1."),
    Field(3, "id", { $0.message.id }, .text(256), "Its sender's name for it."),
    Field(4, "from", { $0.message.sender.id }, .text(128), "Who has said it."),
    Field(5, "role", { $0.message.sender.role }, .role, "What they are."),
    Field(6, "name", { $0.message.sender.name }, .text(256), "That one's name."),
    Field(7, "kind", { $0.message.kind }, .kind, "Who speaks: a person, or the server itself."),
    Field(8, "body", { $0.message.body }, .body, "What is said."),
    Field(9, "time", { $0.message.time }, .number, "When, in ms since 1970."),
    Field(10, "resent", { $0.isResent }, .flag.or(false), "It was sent before, and not confirmed in time."))
}

/// A message of a page.
package struct MessageRecord: Sendable {
  var message: Transcribed

  static let fields = Fields(
    { seq, id, from, role, name, kind, body, time in
      Self(
        message: Transcribed(
          sequence: seq, id: id, sender: Person(id: from, role: role, name: name), kind: kind, body: body,
          time: time))
    },
    Field(2, "seq", { $0.message.sequence }, .sequence, "Its place, from 1."),
    Field(3, "id", { $0.message.id }, .text(256), "Its sender's name for it."),
    Field(4, "from", { $0.message.sender.id }, .text(128), "Who has said it."),
    Field(5, "role", { $0.message.sender.role }, .role, "What they are."),
    Field(6, "name", { $0.message.sender.name }, .text(256), "That one's name."),
    Field(7, "kind", { $0.message.kind }, .kind, "Who speaks: a person, or the server itself."),
    Field(8, "body", { $0.message.body }, .body, "What is said."),
    Field(9, "time", { $0.message.time }, .number, "When, in ms since 1970."))
}

package struct HistoryFrame: ServerFrame {
  package static let type = BinaryFrameType.history
  var session: SessionID
  var messages: [MessageRecord]
  var more: Bool
  var isComplete: Bool

  package static let fields = Fields(
    Self.init(session:messages:more:isComplete:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(
      2, "messages", { $0.messages }, .list(of: .record(MessageRecord.fields), upTo: History.most),
      "Ascending, numbered as those of `message`."),
    Field(3, "more", { $0.more }, .flag, "Whether there are more in that direction."),
    Field(
      4, "complete", { $0.isComplete }, .flag.or(true),
      "false where what was asked for begins with messages that are kept no more."))
}
