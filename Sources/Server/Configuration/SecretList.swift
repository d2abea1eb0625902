import Foundation

/// Reads the secrets of tokens. No problem that it reports repeats a secret.
struct SecretList {
  private let setting = SettingCatalog.jwtSecrets
  /// RFC 7518, section 3.2: a key of HS256 has at least the size of the hash.
  static let minimumBytes = 32
  static let maximumBytes = 4096

  func read(_ reader: inout SettingReader) -> [JWTSecret] {
    let single = reader.sources.text(SettingCatalog.jwtSecret)
    let file = reader.sources.text(SettingCatalog.jwtSecretFile)
    if let single, let file {
      reader.report(
        SettingCatalog.jwtSecret, single,
        "is given together with jwt.secret_file (\(file.source)); give one of them")
      return []
    }
    if let single {
      // Whether it came from the file is said by its source alone; a flag or a variable has no mode.
      if let path = reader.sources.file?.path, single.source == reader.sources.file?.source {
        reader.secretFiles.append(path)
      }
      return secret(nil, Array(single.text.utf8), file: nil, key: "jwt.secret", single.source, &reader)
    }
    if let file {
      guard let found = SecretItem.fromFile(file.text, key: "jwt.secret_file", file.source, &reader) else {
        return []
      }
      return secret(nil, found.bytes, file: found.file, key: found.key, file.source, &reader)
    }
    let source = reader.sources.file?.source
    guard let items = reader.sources.file?.objects[setting.key], !items.isEmpty else {
      if !reader.problems.contains(where: { $0.key == setting.key }) {
        reader.problems.append(
          ConfigurationProblem(
            key: setting.key,
            problem:
              "no secret for tokens is given; set jwt.secret_file or SWITCHBOARD_JWT_SECRET_FILE to a file of "
              + "\(Self.minimumBytes) random bytes or more (openssl rand -hex 32 makes one)"))
      }
      return []
    }
    var secrets: [JWTSecret] = []
    for (place, item) in items.enumerated() {
      secrets += one(item, key: "\(setting.key)[\(place)]", source, &reader)
    }
    for (place, secret) in secrets.enumerated() where secrets[..<place].contains(where: { $0.id == secret.id })
    {
      reader.problems.append(
        ConfigurationProblem(
          key: "\(setting.key)[\(place)].id", value: secret.id, source: source,
          problem: "another secret has the same id; each needs its own"))
    }
    return secrets
  }

  private func one(
    _ item: FileValue, key: String, _ source: String?, _ reader: inout SettingReader
  ) -> [JWTSecret] {
    guard let found = SecretItem.read(item, of: setting, key: key, source, &reader) else { return [] }
    var id: String?
    if let given = found.id {
      guard case .text(let text) = given, SettingReader.isName(text) else {
        reader.problems.append(
          ConfigurationProblem(
            key: key + ".id", source: source, problem: "must be text of letters, digits, . _ -"))
        return []
      }
      id = text
    }
    return secret(id, found.bytes, file: found.file, key: found.key, source, &reader)
  }

  private func secret(
    _ id: String?, _ bytes: [UInt8], file: String?, key: String, _ source: String?,
    _ reader: inout SettingReader
  ) -> [JWTSecret] {
    guard (Self.minimumBytes...Self.maximumBytes).contains(bytes.count) else {
      reader.problems.append(
        ConfigurationProblem(
          key: key, source: source,
          problem: "the secret has \(bytes.count) bytes; allowed: \(Self.minimumBytes) to \(Self.maximumBytes)")
      )
      return []
    }
    return [JWTSecret(id: id, bytes: bytes, file: file)]
  }
}

/// A file with one secret: its bytes without the line's end.
package enum SecretFile {
  package struct Problem: Error, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String
    package var description: String { "\(path) cannot be read: \(reason)" }
  }

  /// - Returns: a warning when others than its owner and group can read it, or anybody but its owner can change it.
  static func caution(_ path: String) -> String? {
    guard let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int else {
      return nil
    }
    guard mode & 0o026 != 0 else { return nil }
    let who = mode & 0o004 != 0 ? "read by everybody on this machine" : "changed by others than its owner"
    return "the secret in \(path) can be \(who) (mode \(String(mode, radix: 8))): chmod 600 \(path)"
  }

  /// - Throws: when it is not there, not readable, or far too large to be a secret.
  package static func read(_ path: String) throws(Problem) -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw Problem(path: path, reason: FileProblem.reason(path))
    }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: SecretList.maximumBytes + 2) else {
      throw Problem(path: path, reason: FileProblem.reason(path))
    }
    var bytes = [UInt8](data)
    while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
    return bytes
  }
}
