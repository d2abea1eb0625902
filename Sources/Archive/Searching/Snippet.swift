import Desk

extension SearchHit {
  static let mostCharacters = 160
  /// Before the place that was found.
  private static let charactersBefore = 40

  /// - Parameter place: what was found, in bytes of the body.
  init(_ message: Message, in session: SessionID, at place: Range<Int>) {
    let before = String(
      decoding: message.body[..<place.lowerBound].suffix(4 * Self.charactersBefore), as: UTF8.self)
    let found = String(
      decoding: message.body[place].prefix(4 * Self.mostCharacters), as: UTF8.self
    ).prefix(Self.mostCharacters)
    let after = String(
      decoding: message.body[place.upperBound...].prefix(4 * Self.mostCharacters), as: UTF8.self)
    // A cut in the middle of a character leaves a mark of that; it goes.
    let start = Self.whole(before).suffix(Self.charactersBefore)
    var text = String(start)
    let low = text.utf8.count
    text += found
    let high = text.utf8.count
    let room = Self.mostCharacters - start.count - found.count
    if room > 0 { text += after.prefix(room) }
    self.init(
      session: session, sequence: message.sequence, sender: message.sender, time: message.time, snippet: text,
      place: low..<high)
  }

  private static func whole(_ text: String) -> Substring { text.drop { $0 == "\u{FFFD}" } }
}
