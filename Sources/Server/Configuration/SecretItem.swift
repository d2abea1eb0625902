/// One object of a list of secrets: an id of the list's own kind, and the secret itself or the file that has it.
struct SecretItem {
  var id: FileValue?
  var bytes: [UInt8]
  /// nil when the secret stood in the configuration itself.
  var file: String?
  /// Where it stands, for problems with what is in it.
  var key: String

  /// - Returns: nil when a problem was reported. No problem repeats a secret.
  static func read(
    _ item: FileValue, of setting: Setting, key: String, _ source: String?, _ reader: inout SettingReader
  ) -> SecretItem? {
    func problem(_ name: String, _ text: String) -> SecretItem? {
      reader.problems.append(
        ConfigurationProblem(key: name.isEmpty ? key : key + "." + name, source: source, problem: text))
      return nil
    }
    guard case .object(let fields) = item else {
      return problem("", "must be an object; \(setting.kind.allowed)")
    }
    let known = ["id", "secret", "file"]
    for name in fields.keys.sorted() where !known.contains(name) {
      let hint = SettingCatalog.nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
      return problem(name, "is not a known key" + hint)
    }
    switch (fields["secret"], fields["file"]) {
    case (.text(let text)?, nil):
      if let file = reader.sources.file?.path { reader.secretFiles.append(file) }
      return SecretItem(id: fields["id"], bytes: Array(text.utf8), key: key + ".secret")
    case (nil, .text(let path)?):
      return fromFile(path, key: key + ".file", source, &reader).map { item in
        var item = item
        item.id = fields["id"]
        return item
      }
    default:
      return problem("", "needs either \"secret\" or \"file\", as text")
    }
  }

  static func fromFile(
    _ path: String, key: String, _ source: String?, _ reader: inout SettingReader
  ) -> SecretItem? {
    reader.secretFiles.append(path)
    do {
      return SecretItem(bytes: try SecretFile.read(path), file: path, key: key)
    } catch {
      reader.problems.append(
        ConfigurationProblem(key: key, value: path, source: source, problem: "cannot be read: \(error.reason)"))
      return nil
    }
  }
}
