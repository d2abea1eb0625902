internal import Kernel

/// Lists who was erased, by marks.
package struct Erasures: ClusterQuery, PagedQuery {
  package typealias Answer = ErasurePage

  package static let name: StaticString = "erasures"
  package static let frameType: UInt8 = 29
  package static let summary = "Who was erased, by marks that name nobody"
  package static let about = """
    For admins of the cluster. `switchboard restore` takes the list, so that a backup from before brings none of them back: keep it \
    where the backups are.
    """
  package static let allowed = Roles.admin
  package static let audit = AuditRule.byStaff
  package static let route: Route? = Route(.get, "/v1/erasures")
  package static let noun: Noun? = .desk
  package static let verb = "erasures"

  /// Of one answer.
  package static let most = 1_000

  package var after: ErasureMark?
  package var limit: Int
  package init(after: ErasureMark? = nil, limit: Int = most) { (self.after, self.limit) = (after, limit) }

  package static let fields = Fields(
    Self.init(after:limit:),
    Field(1, "after", { $0.after }, .optional(.erasureMark), "Those behind this mark."),
    Field(
      2, "limit", { $0.limit }, .count(upTo: most).or(most, isSaid: true),
      "How many at the most, up to \(most)."))

  package func answer(
    to reader: inout QueryReader, in state: borrowing ReplicatedState
  ) throws(Failure) -> ErasurePage {
    guard reader.isClusterAdmin else {
      throw Failure(.forbidden, "`erasures` is for admins of the cluster: those whose token names no `desk`.")
    }
    let (entries, more) = state.erasures.page(after: after, limit: limit)
    reader.look(at: entries.count)
    return ErasurePage(erasures: entries.map { Erasure(mark: $0.mark, time: $0.time) }, more: more)
  }

  package static let placeField: StaticString = "after"
  package static let listField: StaticString = "erasures"
  package var place: ErasureMark? {
    get { after }
    set { after = newValue }
  }
  package func place(behind answer: ErasurePage) -> ErasureMark? {
    answer.more ? answer.erasures.last?.mark : nil
  }
}

/// Somebody was erased.
package struct Erasure: Hashable, Sendable {
  package var mark: ErasureMark
  package var time: UInt64
  package init(mark: ErasureMark, time: UInt64) { (self.mark, self.time) = (mark, time) }

  package static let fields = Fields(
    Self.init(mark:time:),
    Field(1, "mark", { $0.mark }, .erasureMark, "Of the desk and the customer, without saying which."),
    Field(2, "time", { $0.time }, .time, "When, in ms since 1970."))
}

/// A part of the list, in the order of the marks.
package struct ErasurePage: AnswerRecord, Hashable {
  package static let name: StaticString = "erasures"
  package static let frameType: UInt8 = 209

  package var erasures: [Erasure]
  /// There are others behind them.
  package var more: Bool
  package init(erasures: [Erasure], more: Bool) { (self.erasures, self.more) = (erasures, more) }

  package static let fields = Fields(
    Self.init(erasures:more:),
    Field(
      1, "erasures", { $0.erasures }, .list(of: .record(Erasure.fields), upTo: Erasures.most), "By mark."),
    Field(2, "more", { $0.more }, .flag, "Whether there are others behind them."))
}

extension ErasureMark: PagePlace {}

extension FieldType where Value == ErasureMark {
  package static var erasureMark: Self {
    .fixedBytes("a mark") { ErasureMark(desk: .main, customer: "c\($0.next() % 1_000)") }
  }
}
