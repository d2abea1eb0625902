import Logging
import ServiceLifecycle
import UnixSignals

/// SIGHUP: the configuration is read again, and what can change while a node runs does.
struct ReloadService: Service {
  let reload: @Sendable () -> Void

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sighup)
    for await _ in signals.cancelOnGracefulShutdown() { reload() }
  }
}

/// What a node runs with, and what a file says by now.
package struct Reloading: Sendable {
  private let log: NodeLog
  private let began: LoadedConfiguration
  private let load: @Sendable () throws -> LoadedConfiguration

  package init(
    _ log: NodeLog, began: LoadedConfiguration, load: @escaping @Sendable () throws -> LoadedConfiguration
  ) {
    self.log = log
    self.began = began
    self.load = load
  }

  var lostLogLines: Int { log.lost }

  /// A configuration that is wrong changes nothing.
  func apply(_ logger: Logger) {
    do {
      let loaded = try load()
      log.threshold.level = Logger.Level(rawValue: loaded.configuration.logLevel) ?? .info
      let waiting = loaded.changes(since: began).filter { $0 != SettingCatalog.logLevel.key }
      logger.notice(
        "the configuration was read again",
        metadata: ["log_level": "\(loaded.configuration.logLevel)"])
      if !waiting.isEmpty {
        logger.warning(
          "these keys have changed and hold after a restart of the node",
          metadata: ["keys": "\(waiting.joined(separator: ", "))"])
      }
    } catch {
      logger.error(
        "the configuration was read again and is wrong; nothing changes", metadata: ["error": "\(error)"])
    }
  }
}

extension LoadedConfiguration {
  /// Keys whose values are not those of the other one, in the order of the documentation.
  package func changes(since other: LoadedConfiguration) -> [String] {
    SettingCatalog.all.filter { setting in
      sources.text(setting)?.text != other.sources.text(setting)?.text
        || sources.file?.objects[setting.key] != other.sources.file?.objects[setting.key]
    }.map(\.key)
  }
}
