import Archive
import Desk

/// A conversation that is over, as rows.
struct Talk {
  var index: UInt64
  var desk = DeskNumber.main
  var customer = "ann"
  var agents = ["ben"]
  var openedAt: UInt64 = Talk.november
  /// The entry that has made its rows; nil: the one that has opened it.
  var made: UInt64?
  /// Between two messages, in ms.
  var step: UInt64 = 1_000
  var texts: [String]
  var skill = "billing"
  var channel = "web"
  var rating: UInt32?

  /// The first of November 2026, in UTC.
  static let november: UInt64 = 1_793_491_200_000

  init(_ index: UInt64, _ texts: [String]) { (self.index, self.texts) = (index, texts) }

  var origin: RowOrigin { RowOrigin(made ?? index) }
  var id: SessionID { SessionID(index: index, place: 0, desk: desk)! }
  var closedAt: UInt64 { openedAt + step * UInt64(texts.count + 1) }

  var messages: [Message] {
    texts.enumerated().map { place, text in
      let person =
        place % 2 == 0
        ? Person(id: customer, role: .customer, name: customer)
        : Person(id: agents.first ?? "ben", role: .agent, name: "Agent")
      return Message(
        sequence: Sequence(UInt64(place + 1)), id: "m\(place)", sender: person, kind: .text,
        body: Array(text.utf8),
        time: openedAt + step * UInt64(place + 1))
    }
  }

  var chunks: [ArchiveRow] {
    let all = messages
    return stride(from: 0, to: all.count, by: 64).map { start in
      .chunk(
        ArchivedChunk(of: Array(all[start..<min(start + 64, all.count)]), in: id, openedAt: openedAt)!,
        origin)
    }
  }

  var record: ArchivedSession {
    // The JSON is the same for all but the id, and right.
    guard var record = try? ArchivedSession.plain(id) else {
      preconditionFailure("the record of a session is wrong")
    }
    (record.customer, record.customerName, record.agents) = (customer, customer, agents)
    (record.channel, record.skill, record.rating) = (channel, skill, rating)
    (record.openedAt, record.closedAt, record.messages) = (openedAt, closedAt, UInt64(texts.count))
    return record
  }

  var rows: [ArchiveRow] { chunks + [.session(record, origin)] }

  func changed(_ change: (inout Talk) -> Void) -> Talk {
    var copy = self
    change(&copy)
    return copy
  }
}

extension ArchiveWhole {
  /// As a state with these conversations gives it.
  init(_ talks: [Talk], isAll: Bool = true, missing: ArchiveGap? = nil) {
    let rows = talks.flatMap(\.rows)
    self.init(desks: Set(talks.map(\.desk)), isAll: isAll, missing: missing) { body in
      for row in rows { try body(row) }
    }
  }
}
