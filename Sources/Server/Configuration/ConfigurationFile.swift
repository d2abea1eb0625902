import Foundation

/// A JSON value as it stands in the file: a number is not a boolean here, whatever a library makes of it.
enum FileValue: Sendable, Hashable, Decodable {
  case text(String)
  case number(String)
  case boolean(Bool)
  case list([FileValue])
  case object([String: FileValue])
  case null

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let boolean = try? value.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let integer = try? value.decode(Int64.self) {
      self = .number(String(integer))
    } else if let number = try? value.decode(Double.self) {
      self = .number(String(number))
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([FileValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: FileValue].self))
    }
  }

  /// As it would be written outside of the file; nil for lists of objects and for objects.
  var plain: String? {
    switch self {
    case .text(let text), .number(let text): return text
    case .boolean(let value): return value ? "true" : "false"
    case .list(let values):
      let texts = values.compactMap(\.plain)
      return texts.count == values.count ? texts.joined(separator: ",") : nil
    case .object, .null: return nil
    }
  }

  var name: String {
    switch self {
    case .text: "a text"
    case .number: "a number"
    case .boolean: "true or false"
    case .list: "a list"
    case .object: "an object"
    case .null: "null"
    }
  }
}

/// The configuration file, taken apart: plain values by dotted key, lists of objects by theirs.
struct ConfigurationFile: Sendable {
  /// More than any sensible file; checked before it is read.
  static let maximumBytes = 1_048_576

  var path: String
  var values: [String: String] = [:]
  var objects: [String: [FileValue]] = [:]
  var problems: [ConfigurationProblem] = []

  var source: String { "file \(path)" }

  /// - Throws: `ConfigurationError` when there is no readable file of JSON.
  init(path: String) throws(ConfigurationError) {
    let url = URL(fileURLWithPath: path)
    let data: Data
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= Self.maximumBytes else {
        throw ConfigurationError([
          ConfigurationProblem(
            key: path, problem: "has \(size) bytes; a configuration has at most \(Self.maximumBytes)")
        ])
      }
      data = try Data(contentsOf: url)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError([
        ConfigurationProblem(key: path, problem: "cannot be read: \(FileProblem.reason(path))")
      ])
    }
    try self.init(path: path, data: data)
  }

  init(path: String, data: Data) throws(ConfigurationError) {
    self.path = path
    if let fault = FileFault(in: data) {
      throw ConfigurationError([ConfigurationProblem(key: path, problem: "is not JSON: \(fault)")])
    }
    let root: FileValue
    do {
      root = try JSONDecoder().decode(FileValue.self, from: data)
    } catch {
      throw ConfigurationError([
        ConfigurationProblem(key: path, problem: "is not JSON: \(Self.where(error))")
      ])
    }
    guard case .object(let fields) = root else {
      throw ConfigurationError([ConfigurationProblem(key: path, problem: "must be one JSON object")])
    }
    take(fields, under: "")
  }

  private mutating func take(_ fields: [String: FileValue], under prefix: String) {
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      let key = prefix.isEmpty ? name : prefix + "." + name
      // A file may name its schema, and say what it is for.
      if prefix.isEmpty, name == "$schema" || name == "comment" { continue }
      if let setting = SettingCatalog.all.first(where: { $0.key == key }) {
        take(value, of: setting)
      } else if case .object(let inner) = value, Self.isObject(key) {
        take(inner, under: key)
      } else {
        problems.append(unknown(key))
      }
    }
  }

  private mutating func take(_ value: FileValue, of setting: Setting) {
    let shown = setting.isSecret ? nil : value.plain ?? value.name
    switch (setting.kind, value) {
    case (_, .null):
      break  // As if it were not there.
    case (.objects, .list(let items)):
      objects[setting.key] = items
    case (.textList, .list(let items)) where items.allSatisfy({ $0.isText }):
      values[setting.key] = items.compactMap(\.plain).joined(separator: ",")
    case (.text, .text(let text)), (.path, .text(let text)), (.bytes, .text(let text)),
      (.milliseconds, .text(let text)):
      values[setting.key] = text
    case (.integer, .number(let text)), (.bytes, .number(let text)), (.milliseconds, .number(let text)),
      (.port, .number(let text)):
      values[setting.key] = text
    case (.boolean, .boolean(let flag)):
      values[setting.key] = flag ? "true" : "false"
    default:
      problems.append(
        ConfigurationProblem(
          key: setting.key, value: shown, source: source,
          problem: "is \(value.name); allowed: \(setting.kind.allowed)"))
    }
  }

  /// Relative paths begin at the folder that the file is in, wherever the process was started: so all of a node's files can
  /// be moved together.
  mutating func placePathsInFolder() {
    let folder = (path as NSString).deletingLastPathComponent
    func placed(_ path: String) -> String {
      path.isEmpty || path.hasPrefix("/") || folder.isEmpty
        ? path : (folder == "/" ? "" : folder) + "/" + path
    }
    for setting in SettingCatalog.all where setting.kind == .path {
      if let path = values[setting.key] { values[setting.key] = placed(path) }
    }
    // Of the objects of lists: each names its file so.
    for (key, items) in objects {
      objects[key] = items.map { item in
        guard case .object(var fields) = item, case .text(let path)? = fields["file"] else { return item }
        fields["file"] = .text(placed(path))
        return .object(fields)
      }
    }
  }

  private func unknown(_ key: String) -> ConfigurationProblem {
    let hint =
      SettingCatalog.nearest(to: key).map { "; did you mean \"\($0)\"?" } ?? "; see docs/configuration.md"
    return ConfigurationProblem(key: key, source: source, problem: "is not a known key" + hint)
  }

  private static func isObject(_ key: String) -> Bool {
    SettingCatalog.all.contains { $0.key.hasPrefix(key + ".") }
  }

  private static func `where`(_ error: any Error) -> String {
    guard case DecodingError.dataCorrupted(let context) = error else { return String(describing: error) }
    let detail = context.underlyingError.map { String(describing: $0) } ?? context.debugDescription
    return String(detail.prefix(300))
  }
}

extension FileValue {
  fileprivate var isText: Bool {
    if case .text = self { return true }
    return false
  }
}

/// Why a file cannot be read, for people.
enum FileProblem {
  static func reason(_ path: String) -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return "there is no such file"
    }
    if isDirectory.boolValue { return "it is a directory" }
    return FileManager.default.isReadableFile(atPath: path) ? "reading failed" : "permission denied"
  }
}
