import SwitchboardClient

/// What was said and is not acknowledged yet, in order. One at a time is sent, so that the order stays whatever happens
/// to one of them.
struct Outbox {
  /// More lines do not wait: a terminal says so, and a pipe is read no further.
  static let maximum = 256

  enum Act: Hashable {
    case say(String)
    case close
    case transfer(TransferTarget)
    case answer(accepts: Bool, offer: Int)
    case open
  }

  struct Item {
    var act: Act
    /// Nil for a session that is only opened by it.
    var session: String?
    /// Which line of a pipe it is, from 1; nil in a terminal.
    var number: Int?
  }

  private(set) var items: [Item] = []

  var isEmpty: Bool { items.isEmpty }
  var isFull: Bool { items.count >= Self.maximum }
  var first: Item? { items.first }

  mutating func add(_ item: Item) { items.append(item) }

  mutating func removeFirst() { if !items.isEmpty { items.removeFirst() } }

  mutating func removeAll() -> [Item] {
    defer { items = [] }
    return items
  }
}

extension Outbox.Item {
  /// For people: which one it is.
  var words: String {
    let what =
      switch act {
      case .say(let text): Self.quoted(text)
      case .close: "/close"
      case .transfer: "/transfer"
      case .answer(let accepts, _): accepts ? "/accept" : "/decline"
      case .open: "/open"
      }
    return number.map { "line \($0) \(what)" } ?? what
  }

  static func quoted(_ text: String) -> String {
    let line = text.replacing("\n", with: "⏎")
    return line.count > 60 ? "\"\(line.prefix(60))…\"" : "\"\(line)\""
  }
}
