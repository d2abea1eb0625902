/// The sessions of the person at the terminal: whom they are with, and which one is talked in.
struct SessionBook {
  struct Entry {
    var session: String
    /// The other side's name, when it is known.
    var name: String?
    /// Since when the customer waits for an answer, in milliseconds since 1970; nil: nobody waits.
    var waitingSince: UInt64?
    /// In words: `queued at place 2`.
    var state = ""
  }

  /// In the order in which they came.
  private(set) var entries: [Entry] = []
  /// In which one is talked; nil: none was chosen, or the one that was is over.
  private(set) var current: String?
  /// Names of those that are over, for a line that was meant for one of them.
  private var gone: [String: String] = [:]

  var isEmpty: Bool { entries.isEmpty }

  subscript(session: String) -> Entry? { entries.first { $0.session == session } }

  /// A session has come. It is talked in at once only when there was none: nobody is torn out of a conversation by a new
  /// one, and whoever has several says in which one to go on.
  /// - Returns: whether it is new.
  @discardableResult
  mutating func add(_ session: String) -> Bool {
    guard self[session] == nil else { return false }
    if entries.isEmpty { current = session }
    entries.append(Entry(session: session, name: gone.removeValue(forKey: session)))
    return true
  }

  /// It is over, or somebody else's. No other one takes its place by itself.
  mutating func remove(_ session: String) {
    if gone.count > 256 { gone = [:] }
    if let name = self[session]?.name { gone[session] = name }
    entries.removeAll { $0.session == session }
    if current == session { current = nil }
  }

  mutating func choose(_ session: String) { if self[session] != nil { current = session } }

  /// The one behind this one, in their order.
  func next(after session: String?) -> String? {
    guard let place = entries.firstIndex(where: { $0.session == session }) else {
      return entries.first?.session
    }
    return entries[(place + 1) % entries.count].session
  }

  mutating func update(_ session: String, _ change: (inout Entry) -> Void) {
    guard let place = entries.firstIndex(where: { $0.session == session }) else { return }
    change(&entries[place])
  }

  /// Sessions that a word names: an id, or the name of who is there.
  func sessions(named word: String) -> [String] {
    if self[word] != nil { return [word] }
    return entries.filter { $0.name?.lowercased() == word.lowercased() }.map(\.session)
  }

  /// `carol 385024`, as it stands in the prompt.
  func title(_ session: String) -> String {
    let name = self[session]?.name ?? gone[session]
    return (name.map { "\(Terminal.harmless($0)) " } ?? "") + Terminal.harmless(session)
  }
}
