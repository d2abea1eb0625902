import ArgumentParser
import Logging
import Server

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run one node.",
    discussion: """
      Values come from flags, then from the environment, then from the file, then from defaults. Every key of the \
      file is an environment variable, too: limits.rate_per_connection is SWITCHBOARD_LIMITS_RATE_PER_CONNECTION. \
      docs/configuration.md lists all of them.

      EXAMPLES
        switchboard serve --config cluster/node1.json
        switchboard serve --config cluster/node1.json --log-level debug
        switchboard serve --config cluster/node1.json --set limits.rate_per_connection=0

      A node ends on SIGTERM or SIGINT; at SIGHUP it reads its configuration again. `switchboard config check` says beforehand whether it would start.
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(
    help: ArgumentHelp("Append every transition of Raft to this file, a line of JSON each.", valueName: "file"))
  var trace: String?

  func run() async throws {
    let loaded = try source.load()
    var configuration = loaded.configuration
    if let trace { configuration.raft.traceFile = trace }
    let log = NodeLog.begin(configuration)
    defer { log.end() }
    var logger = Logger(label: "switchboard")
    logger[metadataKey: "node"] = "\(configuration.nodeName)"
    for warning in loaded.warnings { logger.warning("\(warning)") }
    let source = source
    let reloading = Reloading(log, began: loaded) { try source.load() }
    try await ServerProcess.run(configuration: configuration, reloading: reloading, logger: logger)
  }
}

/// Where a node's configuration comes from; the same for `serve` and `config check`.
struct ConfigurationOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The JSON file with the configuration.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Overrides node.id.", valueName: "number"))
  var nodeID: String?

  @Option(help: ArgumentHelp("Overrides client.host.", valueName: "address"))
  var clientHost: String?

  @Option(help: ArgumentHelp("Overrides client.port.", valueName: "port"))
  var clientPort: String?

  @Option(help: ArgumentHelp("Overrides peer.port.", valueName: "port"))
  var peerPort: String?

  @Option(help: ArgumentHelp("Overrides data.directory.", valueName: "path"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Overrides log.level: trace, debug, info, notice, warning, error, critical.", valueName: "level"))
  var logLevel: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Overrides any key, for instance limits.burst=0. May be given several times.", valueName: "key=value"))
  var overrides: [String] = []

  func validate() throws {
    for text in overrides where !text.contains("=") || text.hasPrefix("=") {
      throw ValidationError("--set \(text): write it as key=value, for instance --set limits.burst=0")
    }
  }

  func load() throws -> LoadedConfiguration {
    var flags: [String: String] = [:]
    for text in overrides {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      flags[String(parts[0])] = String(parts[1])
    }
    for (key, value) in [
      ("node.id", nodeID), ("client.host", clientHost), ("client.port", clientPort), ("peer.port", peerPort),
      ("data.directory", data), ("log.level", logLevel),
    ] {
      if let value { flags[key] = value }
    }
    do {
      return try ServerConfiguration.load(file: config, flags: flags)
    } catch {
      throw CommandFailure(error.description)
    }
  }
}
