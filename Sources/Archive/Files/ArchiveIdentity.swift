import GRDB

/// An archive and its months say which archive they are of: see `Catalogue.Contents.identity`.
extension ArchiveWriter {
  /// A catalogue that was made anew takes that of the months that are there.
  /// - Throws: `.damaged`: there are several months, and all are of one other archive.
  static func identified(
    _ catalogue: Catalogue, _ folder: ArchiveFolder
  ) throws(ArchiveError) -> Catalogue.Contents {
    let contents = try catalogue.contents()
    var found: [Int64: Int] = [:]
    for month in folder.months() {
      // One that cannot be read is found so later, and one of an earlier release says nothing.
      if let identity = try? MonthFile(reading: folder, month).archiveOnce() {
        found[identity, default: 0] += 1
      }
    }
    guard found[contents.identity] == nil,
      let most = found.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })
    else { return contents }
    if contents.months.isEmpty {
      var next = contents
      next.identity = most.key
      try catalogue.save(next, was: contents)
      return next
    }
    // Of one month alone nobody knows which of the two is wrong, and a month is filled again.
    guard found.count == 1, most.value > 1 else { return contents }
    throw ArchiveError(
      .damaged, nil,
      "it is of another archive than the \(most.value) months that are there: of another node, or of an earlier life"
    )
  }
}

extension MonthFile {
  /// Which archive it is of; nil: it does not say so. Nothing may be done with it afterwards.
  fileprivate func archiveOnce() throws(ArchiveError) -> Int64? {
    defer { close() }
    return try archive()
  }

  func archive() throws(ArchiveError) -> Int64? {
    try connection.read { try Int64.fetchOne($0, sql: "SELECT value FROM fact WHERE name = 'archive'") }
  }

  func check(archive: Int64) throws(ArchiveError) {
    guard let found = try self.archive() else { return try set(archive: archive) }
    guard found == archive else {
      throw ArchiveError(
        .damaged, month,
        "\(connection.path) is of another archive: of another node, or of an earlier life of this one.")
    }
  }

  func set(archive: Int64) throws(ArchiveError) {
    try connection.write { db in
      try db.execute(sql: "INSERT OR REPLACE INTO fact VALUES ('archive', ?)", arguments: [archive])
    }
  }
}
