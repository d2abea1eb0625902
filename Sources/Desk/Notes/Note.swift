internal import Kernel

/// Something that those who serve write to each other in a session. Its customer never sees it, on any way: it has a sequence of its
/// own, so that the counting of messages has no gap that tells.
package struct Note: Hashable, Sendable {
  package enum Kind: UInt8, Sendable, CaseIterable {
    /// For all of the team.
    case note = 0
    /// For whoever served then, for supervisors and for admins.
    case whisper = 1
    /// It came with a transfer.
    case transfer = 2

    package var name: String {
      switch self {
      case .note: "note"
      case .whisper: "whisper"
      case .transfer: "transfer"
      }
    }
  }

  /// From 1 in each session, without gaps.
  package var sequence: Sequence
  package var kind: Kind
  /// Of the request that has written it.
  package var id: String
  package var author: Person
  /// Of a whisper: the agent who served then.
  package var to: String?
  /// UTF-8.
  package var body: [UInt8]
  /// ms since 1970.
  package var time: UInt64

  package init(
    sequence: Sequence, kind: Kind, id: String, author: Person, to: String? = nil, body: [UInt8], time: UInt64
  ) {
    (self.sequence, self.kind, self.id, self.author) = (sequence, kind, id, author)
    (self.to, self.body, self.time) = (to, body, time)
  }

  private init(
    sequence: Sequence, kind: Kind, id: String, by: String, role: UserRole, shown: String, to: String?,
    body: [UInt8], time: UInt64
  ) {
    self.init(
      sequence: sequence, kind: kind, id: id, author: Person(id: by, role: role, name: shown), to: to,
      body: body,
      time: time)
  }

  package static let fields = Fields(
    Self.init(sequence:kind:id:by:role:shown:to:body:time:),
    Field(1, "seq", { $0.sequence }, .sequence, "From 1 in each session, apart from that of messages."),
    Field(
      2, "kind", { $0.kind }, .named(Kind.allCases, { $0.name }, number: { $0.rawValue }),
      "`transfer`: it came with one."),
    Field(3, "id", { $0.id }, .text(1_024), "Of the request that has written it."),
    Field(4, "by", { $0.author.id }, .text(128), "Who has written it."),
    Field(5, "role", { $0.author.role }, .role, "What they are."),
    Field(6, "name", { $0.author.name }, .text(256), "That one's name."),
    Field(7, "to", { $0.to }, .optional(.text(128)), "Of a whisper: the agent who served then."),
    Field(8, "body", { $0.body }, .body, "What it says."),
    Field(9, "time", { $0.time }, .time, "When, in ms since 1970."))

  /// What it counts for where notes are bounded by bytes.
  var size: Int { body.count + id.utf8.count }

  /// Whether somebody of the session's team may read it. That they are of the team is known.
  package func isFor(_ person: Person) -> Bool {
    guard !person.supervises else { return true }
    guard person.role == .agent else { return false }
    return kind != .whisper || to.map { $0.hasSameBytes(as: person.id) } ?? false
  }
}
