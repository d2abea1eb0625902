import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whether the data of a node can be kept where its configuration says.
enum DirectoryCheck {
  static func problems(_ path: String) -> [ConfigurationProblem] {
    func problem(_ text: String) -> [ConfigurationProblem] {
      [ConfigurationProblem(key: SettingCatalog.dataDirectory.key, value: path, problem: text)]
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      guard let parent = firstParent(of: path) else { return [] }
      return access(parent, W_OK | X_OK) == 0
        ? [] : problem("does not exist and cannot be made in \(parent): \(reason(parent))")
    }
    guard isDirectory.boolValue else {
      return problem("is a file: give a directory that nobody else uses")
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else { return problem("cannot be used: \(reason(path))") }
    var found: [ConfigurationProblem] = []
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    if let name = names.first(where: { access(path + "/" + $0, R_OK | W_OK) != 0 }) {
      found += problem("has a file that cannot be used, \(name): \(reason(path + "/" + name))")
    }
    return found
  }

  /// - Returns: what is in the directory when no store has ever been there; nil when all is well.
  static func warning(_ path: String) -> String? {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
      .filter { $0 != "lost+found" && !$0.hasPrefix(".") }.sorted()
    guard !names.isEmpty, !names.contains("lock") else { return nil }
    return
      "\(path) (data.directory) has \(names.prefix(3).joined(separator: ", ")) and no data of a node: give the node a "
      + "directory of its own"
  }

  /// The nearest folder above that exists.
  private static func firstParent(of path: String) -> String? {
    var url = URL(fileURLWithPath: path).standardizedFileURL
    while url.path != "/" {
      url.deleteLastPathComponent()
      if FileManager.default.fileExists(atPath: url.path) { return url.path }
    }
    return nil
  }

  private static func reason(_ path: String) -> String {
    let code = errno
    if code == EROFS { return "the file system is mounted read-only" }
    let cause = String(cString: strerror(code))
    guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
      let owner = facts[.ownerAccountID] as? Int, let mode = facts[.posixPermissions] as? Int
    else { return cause }
    return
      "\(cause): it belongs to \(user(uid_t(owner))), mode \(String(mode, radix: 8)), and this is \(user(geteuid())): "
      + "run this as the node's user, or chown -R \(user(geteuid())) \(path)"
  }

  private static func user(_ id: uid_t) -> String {
    guard let entry = getpwuid(id), let name = entry.pointee.pw_name else { return "user \(id)" }
    return String(cString: name)
  }
}
