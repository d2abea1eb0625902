import Foundation
import Kernel
import Protocol

/// Clusters that somebody has given names, one of them the current one. Members of the file that this release does not know
/// stay as they are.
struct Contexts {
  /// What a name stands for.
  struct Entry: Equatable {
    var urls: [String] = []
    /// Kept in the file itself.
    var token: String?
    var tokenFile: String?
    /// Authorities in PEM.
    var authorities: String?

    fileprivate enum Member {
      static let urls = "urls", token = "token", tokenFile = "token_file", authorities = "ca"
    }
  }

  static let most = 1_000
  private static let current = "current"
  private static let list = "contexts"

  private var members: [String: Any]

  init() { members = [:] }

  /// - Throws: `CommandFailure` that says what is wrong, and where.
  init(json: [UInt8]) throws {
    if let fault = Self.fault(in: json) { throw CommandFailure(fault) }
    guard let members = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] else {
      throw CommandFailure("it is no JSON object")
    }
    self.members = members
    if let current = members[Self.current], !(current is String), !(current is NSNull) {
      throw CommandFailure("\"current\" must be a name")
    }
    guard members[Self.list] == nil || members[Self.list] is [String: [String: Any]] else {
      throw CommandFailure("\"contexts\" must be an object with an object for each name")
    }
    for name in names { _ = try entry(name) }
  }

  private static func fault(in json: [UInt8]) -> String? {
    guard String(validating: json, as: UTF8.self) != nil else { return "it is not UTF-8" }
    return json.withUnsafeBytes { text in
      var reader = JSONReader(text)
      do throws(JSONFault) {
        _ = try reader.value(depth: 0)
        try reader.expectEnd()
        return nil
      } catch {
        let before = json.prefix(error.position)
        let line = before.count { $0 == 0x0a } + 1
        let column = before.reversed().prefix { $0 != 0x0a }.count + 1
        return "line \(line), column \(column): \(error.reason)"
      }
    }
  }

  var json: Data {
    get throws {
      try JSONSerialization.data(
        withJSONObject: members, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }
  }

  private var entries: [String: [String: Any]] {
    get { members[Self.list] as? [String: [String: Any]] ?? [:] }
    set { members[Self.list] = newValue }
  }

  var names: [String] { entries.keys.sorted() }

  var current: String? {
    get { members[Self.current] as? String }
    set { members[Self.current] = newValue }
  }

  /// Whether the file itself keeps a token, so that nobody else should read it.
  var keepsTokens: Bool { entries.values.contains { $0[Entry.Member.token] != nil } }

  /// - Throws: `CommandFailure` when a member is not what it has to be.
  func entry(_ name: String) throws -> Entry? {
    guard let members = entries[name] else { return nil }
    func text(_ key: String) throws -> String? {
      guard let value = members[key], !(value is NSNull) else { return nil }
      guard let text = value as? String, !text.isEmpty else {
        throw CommandFailure("\"\(key)\" of context \"\(name)\" must be a text")
      }
      return text
    }
    guard let urls = members[Entry.Member.urls] as? [String], !urls.isEmpty else {
      throw CommandFailure("\"urls\" of context \"\(name)\" must be a list of addresses")
    }
    return Entry(
      urls: urls, token: try text(Entry.Member.token), tokenFile: try text(Entry.Member.tokenFile),
      authorities: try text(Entry.Member.authorities))
  }

  mutating func set(_ name: String, _ entry: Entry) throws {
    guard entries[name] != nil || entries.count < Self.most else {
      throw CommandFailure("There are \(Self.most) contexts already: delete some of them.")
    }
    var members = entries[name] ?? [:]
    members[Entry.Member.urls] = entry.urls
    members[Entry.Member.token] = entry.token
    members[Entry.Member.tokenFile] = entry.tokenFile
    members[Entry.Member.authorities] = entry.authorities
    entries[name] = members
  }

  /// - Returns: false when there was none.
  mutating func delete(_ name: String) -> Bool {
    guard entries.removeValue(forKey: name) != nil else { return false }
    if current == name { current = nil }
    return true
  }

  /// Of names that need no quotes anywhere.
  static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte)
      }
  }
}
