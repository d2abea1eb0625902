/// A configuration and where its values came from.
package struct LoadedConfiguration: Sendable {
  package var configuration: ServerConfiguration
  let sources: SettingSources
  /// What does not stop a node, but is probably not meant.
  package var warnings: [String]

  /// What `scripts/` and clients understand; they mean nothing to a node.
  static let variablesOfScripts: Set<String> = [
    "SWITCHBOARD_PORT_BASE", "SWITCHBOARD_PEER_PORT_BASE", "SWITCHBOARD_RUN_DIR", "SWITCHBOARD_SKIP_BUILD",
    "SWITCHBOARD_BUILD_ONCE", "SWITCHBOARD_BUILD_BEHIND",
    "SWITCHBOARD_BINARY", "SWITCHBOARD_START_SECONDS", "SWITCHBOARD_CA_FILE", "SWITCHBOARD_URL",
    "SWITCHBOARD_TOKEN",
    "SWITCHBOARD_TOKEN_FILE", "SWITCHBOARD_CONTEXT",
  ]

  /// Every key with its value and source, one per line; secrets redacted.
  package var report: String {
    let width = SettingCatalog.all.map(\.key.count).max() ?? 0
    return SettingCatalog.all.map { setting in
      let found = sources.text(setting)
      let value = value(of: setting, found)
      let source = found?.source ?? (isFromFile(setting) ? sources.file?.source ?? "file" : "default")
      return setting.key + String(repeating: " ", count: width - setting.key.count + 2)
        + "\(value)  (\(source))"
    }.joined(separator: "\n")
  }

  private func isFromFile(_ setting: Setting) -> Bool { sources.file?.objects[setting.key] != nil }

  private func value(of setting: Setting, _ found: SettingSources.Found?) -> String {
    switch setting.key {
    case SettingCatalog.members.key:
      return configuration.members.map { "\($0.id)=\($0.peer)=\($0.client)" }.joined(separator: ",")
    case SettingCatalog.jwtSecrets.key where isFromFile(setting):
      return configuration.jwtSecrets.map(\.description).joined(separator: ", ")
    case SettingCatalog.gossipKeys.key where isFromFile(setting):
      return configuration.gossip.keys.map(\.description).joined(separator: ", ")
    case SettingCatalog.nodeName.key: return configuration.nodeName
    case SettingCatalog.memoryBytes.key where found == nil:
      return Quantity.bytesText(configuration.limits.memoryBytes)
    case SettingCatalog.threads.key: return "\(configuration.threads)"
    default: break
    }
    if setting.isSecret { return found == nil ? "-" : "<secret>" }
    return found?.text ?? setting.fallback.map { $0.isEmpty ? "-" : $0 } ?? "-"
  }
}
