internal import Kernel

/// Searches what no archive has yet: the chunk that each open session has begun. Newest first, like an archive.
struct OpenSearch {
  /// Sessions and bytes of messages that one page looks at; the newest sessions come first.
  static let mostSessions = 4_096
  static let mostBytes = 8 << 20

  /// Where a page has ended.
  struct Place: Comparable {
    var time: UInt64
    var session: SessionID
    var sequence: Sequence

    init(_ hit: SearchHit) { (time, session, sequence) = (hit.time, hit.session, hit.sequence) }

    init?(_ place: ArchivePlace) {
      let parts = place.text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == "l", let time = UInt64(parts[1]), let session = UInt64(parts[2]),
        let sequence = UInt64(parts[3])
      else { return nil }
      (self.time, self.session) = (time, SessionID(rawValue: session))
      self.sequence = Sequence(sequence)
    }

    static func < (left: Place, right: Place) -> Bool {
      (left.time, left.session.rawValue, left.sequence.rawValue)
        < (right.time, right.session.rawValue, right.sequence.rawValue)
    }
  }

  /// - Parameters:
  ///   - words: what is looked for.
  ///   - place: only what is behind it, older that is; nil: from the newest on.
  /// - Returns: `limit` at the most, and whether there are more.
  static func hits(
    _ words: some SearchWords, for person: Person, in desk: borrowing DeskState, behind place: Place?,
    limit: Int
  ) -> (hits: [SearchHit], more: Bool) {
    var best: [SearchHit] = []
    var bytes = 0
    for id in desk.openSessions(readBy: person, limit: mostSessions) {
      guard bytes < mostBytes else { break }
      for message in desk.begunChunk(of: id) {
        bytes += message.body.count
        guard let hit = words.hit(in: message, of: id) else { continue }
        let at = Place(hit)
        if let place, at >= place { continue }
        let position = best.firstIndex { Place($0) < at } ?? best.endIndex
        if position > limit { continue }
        best.insert(hit, at: position)
        if best.count > limit + 1 { best.removeLast() }
      }
    }
    return (Array(best.prefix(limit)), best.count > limit)
  }
}

extension ArchivePlace {
  init(_ place: OpenSearch.Place) {
    self.init(unchecked: "l.\(place.time).\(place.session.rawValue).\(place.sequence.rawValue)")
  }
}

/// Words that are looked for, as an archive compares them.
package protocol SearchWords {
  func hit(in message: Message, of session: SessionID) -> SearchHit?
}

extension DeskState {
  /// The open sessions whose messages the person may read, newest first.
  fileprivate func openSessions(readBy person: Person, limit: Int) -> [SessionID] {
    switch person.role {
    case .customer, .agent: openSessions(of: person, limit: limit).sessions
    case .supervisor, .admin: opened.newest(limit)
    }
  }

  /// What was said in it and is in no full chunk.
  fileprivate func begunChunk(of id: SessionID) -> [Message] {
    (sessionTable.read(id) { session -> [Message]? in session.chunk(session.chunks - 1)?.messages } ?? nil)
      ?? []
  }
}
