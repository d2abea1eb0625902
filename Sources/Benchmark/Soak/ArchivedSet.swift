import Archive
import Desk

extension AcknowledgedSet {
  /// All messages of the archive in that directory, whose node may serve meanwhile.
  /// - Throws: `ArchiveError`, for rows that are not as they were written.
  init(archive directory: String) throws {
    self.init()
    let reader = try ArchiveReader(directory)
    defer { reader.close() }
    var request = ArchivePageRequest(gap: ArchiveGap(after: 0, upTo: .max), takesIncomplete: true)
    while true {
      let page = try reader.rows(request)
      for stored in page.rows {
        guard case .chunk(let chunk, _) = try ArchiveRow(stored) else { continue }
        for message in chunk.messages {
          add(session: chunk.session.text, id: message.id, body: message.body)
        }
      }
      guard let next = page.next else { return }
      request.place = next
    }
  }
}
