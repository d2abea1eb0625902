/// How written data is made durable. Tests put a failing disk in its place.
struct Syncing: Sendable {
  var data: @Sendable (File) throws(StoreError) -> Void

  static let disk = Syncing { (file) throws(StoreError) in try file.synchronizeData() }
}
