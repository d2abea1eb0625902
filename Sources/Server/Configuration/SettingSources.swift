import Configuration
import Foundation

/// Where values come from, strongest first: flags, the environment, the file.
struct SettingSources: Sendable {
  struct Found: Sendable, Hashable {
    var text: String
    var source: String
  }

  private let flags: InMemoryProvider
  private let environment: EnvironmentVariablesProvider
  private let environmentNames: [String]
  private let variables: [String: String]
  private let fileProvider: InMemoryProvider
  let file: ConfigurationFile?

  init(flags: [String: String], environment: [String: String], file: ConfigurationFile?) {
    self.flags = Self.provider("flags", flags)
    // An empty variable is one that somebody has unset.
    variables = environment.filter { !$0.value.isEmpty }
    self.environment = EnvironmentVariablesProvider(environmentVariables: variables)
    environmentNames = variables.keys.filter { $0.hasPrefix("SWITCHBOARD_") }.sorted()
    let beginning = SettingCatalog.relativePaths
    var file = file
    if (flags[beginning.key] ?? variables[beginning.environmentName] ?? file?.values[beginning.key]) == "file" {
      file?.placePathsInFolder()
    }
    fileProvider = Self.provider("file", file?.values ?? [:])
    self.file = file
  }

  private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
    var entries: [AbsoluteConfigKey: ConfigValue] = [:]
    for (key, text) in values { entries[absolute(key)] = ConfigValue(.string(text), isSecret: true) }
    return InMemoryProvider(name: name, values: entries)
  }

  /// Under one common prefix, so that the environment's names begin with `SWITCHBOARD_`.
  private static func absolute(_ key: String) -> AbsoluteConfigKey {
    AbsoluteConfigKey(["switchboard"] + key.split(separator: ".").map(String.init))
  }

  /// The strongest source's text for this key. All values are texts up to here, so that every source has the same
  /// forms and the same errors.
  func text(_ setting: Setting) -> Found? {
    let flag = "flag --" + setting.key.map { $0 == "." || $0 == "_" ? "-" : String($0) }.joined()
    let ordered: [(any ConfigProvider, String)] = [
      (flags, flag), (environment, "environment \(setting.environmentName)"),
      (fileProvider, file?.source ?? "file"),
    ]
    for (provider, source) in ordered {
      if source.hasPrefix("environment"), isServiceLink(setting) { continue }
      guard let value = try? provider.value(forKey: Self.absolute(setting.key), type: .string).value,
        case .string(let text) = value.content
      else { continue }
      return Found(text: text, source: source)
    }
    return nil
  }

  /// Kubernetes gives every container variables about the Services beside it: one that is named `switchboard-client` sets
  /// `SWITCHBOARD_CLIENT_PORT` to `tcp://10.0.0.7:8101`. That is no setting of anybody.
  private func isServiceLink(_ setting: Setting) -> Bool {
    guard case .port = setting.kind, let text = variables[setting.environmentName] else { return false }
    return Self.isServiceLink(text)
  }

  private static func isServiceLink(_ text: String) -> Bool {
    ["tcp://", "udp://", "sctp://"].contains { text.hasPrefix($0) }
  }

  /// `SWITCHBOARD_X_SERVICE_HOST`, `SWITCHBOARD_X_SERVICE_PORT_NAME`, `SWITCHBOARD_X_PORT_80_TCP_ADDR` and the like.
  private static func isServiceVariable(_ name: String) -> Bool {
    name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") || name.contains("_SERVICE_PORT_")
      || name.contains(/_PORT_[0-9]+_(TCP|UDP|SCTP)/)
  }

  /// Settings for which there is such a variable, and which therefore come from elsewhere.
  var settingsLinkedOver: [Setting] { SettingCatalog.all.filter(isServiceLink) }

  /// Variables with our prefix that mean nothing to a node: probably slips of the pen.
  func unknownVariables(except known: Set<String>) -> [String] {
    let names = Set(SettingCatalog.all.map(\.environmentName)).union(known)
    return environmentNames.filter { name in
      !names.contains(name.uppercased()) && !Self.isServiceVariable(name)
        && !Self.isServiceLink(variables[name] ?? "")
    }
  }
}
