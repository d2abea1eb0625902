import Desk

/// Files of months that lie in folders of the archive: detached and not moved away yet, or copied to be attached when the end came.
/// An erasure reaches these; where they go from there, it does not, and `attach` takes out what is gone.
extension ArchiveWriter {
  /// Takes out of them whoever is told by a mark.
  /// - Returns: the sessions that these were in.
  func eraseBeside(by known: Catalogue.Contents) throws(ArchiveError) -> Set<SessionID> {
    var gone: Set<SessionID> = []
    try forEachFileBeside { (file) throws(ArchiveError) in
      let sessions = try MonthWriting.erased(by: known, in: file)
      try writing.remove(Set(sessions).sorted(), from: file, stamp: file.stamp())
      gone.formUnion(sessions)
    }
    return gone
  }

  /// Takes sessions out of them: not each of their months says whose they are.
  func eraseBeside(_ sessions: [SessionID]) throws(ArchiveError) {
    guard !sessions.isEmpty else { return }
    try forEachFileBeside { (file) throws(ArchiveError) in
      let here = try MonthWriting.present(sessions, in: file)
      try writing.remove(Set(here).sorted(), from: file, stamp: file.stamp())
    }
  }

  /// One that is damaged cannot be attached, and nobody can say whom it names: it is deleted, as what was set aside is.
  private func forEachFileBeside(_ body: (MonthFile) throws(ArchiveError) -> Void) throws(ArchiveError) {
    for name in ["detached", "attaching"] where folder.exists(folder.path + "/" + name) {
      let place = try ArchiveFolder(folder.path + "/" + name)
      for month in place.months() {
        do throws(ArchiveError) {
          let file = try MonthFile(
            writing: place, month, mostPages: options.mostPages, made: contents.completeIndex,
            of: nil)
          defer { file.close() }
          try body(file)
        } catch {
          guard error.kind == .damaged else { throw error }
          try place.remove(place.file(month))
        }
      }
    }
  }
}
