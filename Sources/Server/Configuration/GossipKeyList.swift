/// A secret of gossip with its number. Its description never shows it.
package struct GossipSecret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Packets name the secret by it.
  package var id: UInt8
  /// 32 of them.
  package var bytes: [UInt8]
  package init(id: UInt8, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }
  package var description: String { "\(id): <secret, \(bytes.count) bytes>" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Reads the secrets of gossip. No problem that it reports repeats a secret.
struct GossipKeyList {
  private let setting = SettingCatalog.gossipKeys
  private let form = "64 hexadecimal digits (openssl rand -hex 32 makes them)"

  /// - Returns: none when none are given: the node does not gossip then.
  func read(_ reader: inout SettingReader) -> [GossipSecret] {
    if let file = reader.sources.text(SettingCatalog.gossipKeyFile) {
      guard let found = SecretItem.fromFile(file.text, key: "gossip.key_file", file.source, &reader) else {
        return []
      }
      return secret(0, found.bytes, key: found.key, file.source, &reader)
    }
    let source = reader.sources.file?.source
    var secrets: [GossipSecret] = []
    for (place, item) in (reader.sources.file?.objects[setting.key] ?? []).enumerated() {
      secrets += one(item, key: "\(setting.key)[\(place)]", source, &reader)
    }
    for (place, secret) in secrets.enumerated() where secrets[..<place].contains(where: { $0.id == secret.id })
    {
      reader.problems.append(
        ConfigurationProblem(
          key: "\(setting.key)[\(place)].id", value: "\(secret.id)", source: source,
          problem: "another key has the same number; each needs its own"))
    }
    return secrets
  }

  private func one(
    _ item: FileValue, key: String, _ source: String?, _ reader: inout SettingReader
  ) -> [GossipSecret] {
    guard let found = SecretItem.read(item, of: setting, key: key, source, &reader) else { return [] }
    guard case .number(let text)? = found.id, let id = UInt8(text) else {
      reader.problems.append(
        ConfigurationProblem(key: key + ".id", source: source, problem: "must be a number from 0 to 255"))
      return []
    }
    return secret(id, found.bytes, key: found.key, source, &reader)
  }

  private func secret(
    _ id: UInt8, _ text: [UInt8], key: String, _ source: String?, _ reader: inout SettingReader
  ) -> [GossipSecret] {
    let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == text.count, digits.count == 64 else {
      reader.problems.append(
        ConfigurationProblem(
          key: key, source: source,
          problem: "is no key of gossip: it has \(text.count) bytes; allowed: \(form)"))
      return []
    }
    let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    return [GossipSecret(id: id, bytes: bytes)]
  }
}
