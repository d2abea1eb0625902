import Glibc

/// Where the files of an emptied store go.
enum KeepingFolder {
  static func make(for directory: Directory, named path: String?) throws(StoreError) -> Directory {
    guard let path else { return try makeNew(for: directory) }
    let folder = Directory(path: path, syncing: directory.syncing)
    try folder.create()
    guard try folder.device() == directory.device(), try folder.names().isEmpty else {
      throw .option(
        key: "the folder for the old files", value: path,
        allowed: "a new or empty one on the same file system as \(directory.path)")
    }
    return folder
  }

  private static func makeNew(for directory: Directory) throws(StoreError) -> Directory {
    let (parent, name) = StoreError.split(directory.path)
    let above = Directory(path: parent.isEmpty ? "/" : parent, syncing: directory.syncing)
    if !name.isEmpty, try above.device() == directory.device() {
      do throws(StoreError) { return try makeFirstFree("\(name).damaged-", in: above) } catch {
        guard case .io("mkdir", _, let code) = error, [EACCES, EPERM, EROFS].contains(code) else { throw error }
      }
    }
    return try makeFirstFree("damaged-", in: directory)
  }

  private static func makeFirstFree(_ prefix: String, in directory: Directory) throws(StoreError) -> Directory {
    var number = 1
    while try !directory.makeDirectory("\(prefix)\(number)") { number += 1 }
    return Directory(path: directory.file("\(prefix)\(number)"), syncing: directory.syncing)
  }
}
