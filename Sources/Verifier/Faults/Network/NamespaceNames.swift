/// What network namespaces and links of a run are called. Each name has the process id of the run, so that a later one
/// knows which of them are nobody's any more.
struct NamespaceNames: Sendable {
  private static let prefix = "swbv"

  let process: Int32

  /// The namespace that has the bridge.
  var hub: String { "\(Self.prefix)\(process)-hub" }
  /// The end of the verifier's own cable to the bridge. Links have at most 15 characters.
  var link: String { "\(Self.prefix)\(process)" }
  /// The namespace of the node with this address.
  func room(_ place: Int) -> String { "\(Self.prefix)\(process)-\(place)" }

  /// The process that has made what has this name. nil: it is none of ours.
  static func owner(of name: String) -> Int32? {
    guard name.hasPrefix(prefix) else { return nil }
    let parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard let number = parts.first, let process = Int32(number), process > 0, String(process) == number else {
      return nil
    }
    guard parts.count > 1 else { return process }
    return parts.count == 2 && (parts[1] == "hub" || Int(parts[1]) != nil) ? process : nil
  }

  /// Those of runs that were killed.
  static func leftovers(among names: [String], isRunning: (Int32) -> Bool) -> [String] {
    names.filter { name in owner(of: name).map { !isRunning($0) } ?? false }
  }
}
