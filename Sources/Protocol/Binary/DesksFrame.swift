package import Desk

package struct DesksFrame: ServerFrame {
  package static let type = BinaryFrameType.desks

  var desks: [DeskSummary]
  var more: Bool

  package static let fields = Fields(
    Self.init(desks:more:),
    Field(1, "desks", { $0.desks }, .list(of: .record(DeskSummary.fields), upTo: Desks.most), "By name."),
    Field(2, "more", { $0.more }, .flag, "Whether there are others behind them."))
}

extension DesksFrame {
  init(_ page: DeskPage) { self.init(desks: page.desks, more: page.more) }
}
