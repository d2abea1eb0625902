import Glibc

/// Gives a folder another name, under which nothing looks for it.
package enum SetAsideFolder {
  /// - Parameter path: of a folder that may be there.
  /// - Returns: where it is now, `PATH.earlier-N`; nil: there was none, or there was nothing in it.
  /// - Throws: `StoreError.io`.
  package static func move(_ path: String) throws(StoreError) -> String? {
    let folder = Directory(path: path)
    guard access(path, F_OK) == 0, try !folder.names().isEmpty else { return nil }
    var number = 1
    while access("\(path).earlier-\(number)", F_OK) == 0 { number += 1 }
    let aside = "\(path).earlier-\(number)"
    guard rename(path, aside) == 0 else { throw .io(operation: "rename", file: path, code: errno) }
    return aside
  }
}
