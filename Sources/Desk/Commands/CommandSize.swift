/// How large commands become once they are encoded. Whatever cuts lists of them into entries and frames counts with
/// this: an upper bound, whatever came before the command there, that costs no encoding.
extension Command {
  /// Bytes that it takes in an entry or in a forward, at the most: with its tag, the origin's server and request, and
  /// for a forward the session and epoch in front of it.
  package var mostBytes: Int { isWrapped ? ownBytes + Self.wrapper : ownBytes }

  private var ownBytes: Int {
    switch self {
    case .send(let send):
      Self.front + 2 * Self.number + Size.of(send.id) + Size.of(send.sender) + 1 + Size.prefix + send.body.count
    case .open(let open):
      Self.front + Size.of(open.customer) + Size.of(open.requestID) + Size.of(open.channel)
        + Size.of(open.skill)
        + Size.of(open.intent) + 2 * Size.prefix + Self.number
        + open.attributes.reduce(0) { $0 + Size.of($1.name) + Size.of($1.json) }
    case .perform(let envelope):
      // No form that it had at an earlier level takes more.
      Self.front + 2 * Self.number + 3 * Size.prefix + Size.of(envelope.requestID) + Size.of(envelope.by)
        + envelope.record.fields.count + 1 + 8 * (envelope.record.expectation.versions ?? []).count
    case .setStatus(let status):
      Self.front + Size.of(status.agent.rawValue) + Size.of(status.name) + 3 + 2 * Size.prefix + 3 * Self.number
        + (status.skills ?? []).reduce(0) { $0 + Size.of($1.skill) + Size.prefix }
    case .endPresences(let end):
      Self.front + Self.number + 1 + Size.prefix + Self.bounds
        + (end.items ?? []).reduce(0) { $0 + Size.of($1.agent.rawValue) + Self.number }
    case .serverLost(let lost):
      Self.front + Self.number + Size.prefix + Self.bounds + lost.heirs.count * Self.number
    case .timePasses, .dropMonths: Self.front + 4 * Size.prefix + Self.number
    case .govern(let envelope):
      Self.front + 2 * Self.number + 3 * Size.prefix + Size.of(envelope.record.requestID) + Size.of(envelope.by)
        + envelope.record.fields.count
    case .arrange(let envelope):
      Self.front + 3 * Self.number + 5 * Size.prefix + 1 + Size.of(envelope.record.requestID)
        + Size.of(envelope.by) + envelope.record.fields.count
    case .noteRead(let read):
      Self.front + 3 * Size.prefix + Self.number + 6 * 3 * Size.prefix + Self.number
        + ErasureMark.byteCount + read.note.actor.utf8.count + read.note.role.utf8.count
        + read.note.act.utf8.count + (read.note.detail?.utf8.count ?? 0)
    case .annotate(let annotation):
      Self.front + 4 * Size.prefix + Self.number + Size.of(annotation.envelope.requestID)
        + Size.of(annotation.envelope.by) + annotation.envelope.record.fields.count
        + annotation.row.stored.count
    case .attend: Self.front + 2 * Size.prefix + 1 + 4 * Self.number
    case .raiseLevel(let raise): Self.front + 3 * Size.prefix + Size.of(raise.release)
    }
  }

  /// A varint of 64 bits.
  private static let number = 10
  /// The tag, and three numbers: of an origin, or of a forward, which to some peers says its length before them.
  private static let front = 1 + 3 * number + 4
  private static let bounds = Size.prefix + number
  /// Around a command of a desk: number, level, length, the desk.
  private static let wrapper = 4 * Size.prefix
}

/// The parts of commands that differ in length.
private enum Size {
  /// A varint that tells a length or holds 32 bits.
  static let prefix = 5

  static func of(_ text: String) -> Int { prefix + text.utf8.count }

  static func of(_ person: Person) -> Int { of(person.id) + 1 + of(person.name) }
}
