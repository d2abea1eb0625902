import Desk
import Protocol

/// Which part of a transcript a request is for: by `after`, `before` or `since`, or where a page before it ended.
struct MessagesAsked {
  private let given: TranscriptRange
  private let cursor: PageCursor?

  /// - Throws: 400 when it says two things.
  init(_ query: QueryParameters) throws(ProblemDetails) {
    cursor = try query.value(.cursor)
    let names = [
      SessionRoutes.after.name, SessionRoutes.before.name, SessionRoutes.since.name, PageCursor.parameter,
    ].filter(query.has)
    guard names.count <= 1 else {
      throw .badRequest(
        "The parameters \(names.joined(separator: " and ")) exclude each other; one of them is allowed.")
    }
    if let before = try query.value(SessionRoutes.before) {
      given = .before(Sequence(before))
    } else if let since = try query.value(SessionRoutes.since) {
      given = .since(since)
    } else {
      given = .after(Sequence(try query.value(SessionRoutes.after) ?? 0))
    }
  }

  /// - Throws: 400 for a cursor of another list.
  func range(in session: SessionID) throws(ProblemDetails) -> TranscriptRange {
    guard let cursor else { return given }
    let place = try cursor.place(in: Self.list(session))
    let number = Sequence(place.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    return place[0] == Self.upwards ? .after(number) : .before(number)
  }

  /// Where it goes on behind a page, in the same direction; nil: nothing is there yet.
  static func next(behind page: MessagePage, _ range: TranscriptRange, in session: SessionID) -> PageCursor? {
    guard page.more, let first = page.messages.first, let last = page.messages.last else { return nil }
    let (direction, end) = if case .before = range { (downwards, first) } else { (upwards, last) }
    let number = end.sequence.rawValue
    let place = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    return PageCursor([direction] + place, in: list(session))
  }

  private static let upwards: UInt8 = 0
  private static let downwards: UInt8 = 1
  private static func list(_ session: SessionID) -> String { "messages/\(session.text)" }
}
