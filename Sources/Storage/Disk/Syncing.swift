/// How written data is made durable. Tests put a failing or a watching disk in its place.
///
/// No sync that failed is ever done again on the same file or directory: the system may have dropped what it could
/// not write and call the next sync a success (Rebello et al., "Can Applications Recover from fsync Failures?",
/// ATC'20).
struct Syncing: Sendable {
  /// The data of a log segment in use.
  var data: @Sendable (File) throws(StoreError) -> Void
  /// All of a file that nothing counts on yet: a snapshot, a segment being prepared, a small file.
  var whole: @Sendable (File) throws(StoreError) -> Void
  /// The names in a directory.
  var directory: @Sendable (_ path: String) throws(StoreError) -> Void

  static let disk = Syncing(
    data: { (file) throws(StoreError) in try file.synchronizeData() },
    whole: { (file) throws(StoreError) in try file.synchronize() },
    directory: { (path) throws(StoreError) in try Directory.synchronize(path) })
}
