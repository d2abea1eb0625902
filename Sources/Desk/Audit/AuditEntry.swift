package import Kernel

/// One thing that somebody of a desk's staff has done or read, as it is kept for ever. It holds no customer's id and nothing that
/// was said, so that whoever is erased is not in it.
package struct AuditEntry: Hashable, Sendable {
  /// Of the bytes of one entry.
  package static let mostBytes = 512

  /// From 1, in each desk.
  package var number: UInt64
  /// Of the log entry, in ms since 1970.
  package var time: UInt64
  package var note: AuditNote

  package init(number: UInt64, time: UInt64, note: AuditNote) {
    (self.number, self.time, self.note) = (number, time, note)
  }

  init(
    number: UInt64, time: UInt64, actor: String, role: String, act: String, session: SessionID?,
    customer: ErasureMark?, detail: String?
  ) {
    self.init(
      number: number, time: time,
      note: AuditNote(
        actor: actor, role: role, act: act, session: session, customer: customer, detail: detail))
  }

  // What is hashed is the binary form of these: a field that is added later has to be one that may be left out.
  package static let fields = Fields(
    Self.init(number:time:actor:role:act:session:customer:detail:),
    Field(1, "number", { $0.number }, .number, "From 1, in each desk."),
    Field(2, "time", { $0.time }, .time, "When, in ms since 1970."),
    Field(3, "actor", { $0.note.actor }, .text(AuditNote.mostActor), "Who it was: the `sub` of the token."),
    Field(4, "role", { $0.note.role }, .text(16), "That one's role."),
    Field(5, "act", { $0.note.act }, .text(32), "The operation or the query, by the `type` of its frame."),
    Field(6, "session", { $0.note.session }, .optional(.session), "In which session."),
    Field(
      7, "customer", { $0.note.customer }, .optional(.erasureMark),
      "Of which customer, by a mark that names nobody: see `erasures`."),
    Field(
      8, "detail", { $0.note.detail }, .optional(.text(AuditNote.mostDetail)),
      "What else there is to say of it: names of desks and of settings."))

  package var encoded: [UInt8] { Self.fields.encode(self) }
}

/// What is to be noted, before it has a number and a time.
package struct AuditNote: Hashable, Sendable {
  static let mostActor = 128
  static let mostDetail = 128

  package var actor: String
  package var role: String
  package var act: String
  package var session: SessionID?
  package var customer: ErasureMark?
  package var detail: String?

  init(
    actor: String, role: String, act: String, session: SessionID?, customer: ErasureMark?, detail: String?
  ) {
    (self.actor, self.role, self.act) = (actor, role, act)
    (self.session, self.customer, self.detail) = (session, customer, detail)
  }

  /// - Parameters:
  ///   - act: the name of an operation or a query.
  ///   - desk: of the customer whom the matter names.
  package init(_ person: Person, _ act: String, _ matter: AuditMatter, in desk: DeskNumber) {
    self.init(
      actor: person.id, role: person.role.name, act: act, session: matter.session,
      customer: matter.customer.map { ErasureMark(desk: desk, customer: $0) },
      detail: matter.detail.map { Self.plain($0) })
  }

  /// Printable ASCII, as much of it as an entry holds.
  private static func plain(_ text: String) -> String {
    let bytes = text.utf8.prefix(mostDetail).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// In the log, for ever.
  package static let fields = Fields(
    Self.init(actor:role:act:session:customer:detail:),
    Field(1, "actor", { $0.actor }, .text(mostActor), "Who it is."),
    Field(2, "role", { $0.role }, .text(16), "That one's role."),
    Field(3, "act", { $0.act }, .text(32), "What is done."),
    Field(4, "session", { $0.session }, .optional(.session), "In which session."),
    Field(5, "customer", { $0.customer }, .optional(.erasureMark), "Of which customer."),
    Field(6, "detail", { $0.detail }, .optional(.text(mostDetail)), "What else there is to say."))
}

/// An entry with its place in the chain: what archives keep, and what whoever looks after it recomputes.
package struct AuditLink: Hashable, Sendable {
  package var desk: DeskNumber
  package var entry: AuditEntry
  /// Of the entry before it.
  package var previous: AuditHash
  package var hash: AuditHash

  package init(_ entry: AuditEntry, of desk: DeskNumber, behind previous: AuditHash) {
    (self.desk, self.entry, self.previous) = (desk, entry, previous)
    hash = previous.followed(by: entry.encoded)
  }

  private init(desk: DeskNumber, entry: AuditEntry, previous: AuditHash, hash: AuditHash) {
    (self.desk, self.entry, self.previous, self.hash) = (desk, entry, previous, hash)
  }

  /// Whether the hash is that of what stands here.
  package var isSound: Bool { previous.followed(by: entry.encoded) == hash }

  /// Both hashes, then the entry: without the key, which is the desk and the number.
  package func encoded() -> [UInt8] { previous.bytes + hash.bytes + entry.encoded }

  /// - Throws: `DecodingFailure` for bytes that `encoded` has not made. Whether the hash is right is not looked at.
  package init(desk: DeskNumber, _ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    guard let previous = AuditHash(bytes: try reader.readRaw(count: AuditHash.byteCount)),
      let hash = AuditHash(bytes: try reader.readRaw(count: AuditHash.byteCount))
    else { throw .invalid("a link of an audit has the wrong length") }
    let entry = try AuditEntry.fields.decode(try reader.readRaw(count: reader.remaining))
    self.init(desk: desk, entry: entry, previous: previous, hash: hash)
  }
}
