import Foundation
import Testing

@testable import Server

@Suite("what a node is told from outside")
struct ConfigurationTests {
  let directory: ScratchDirectory

  init() throws {
    directory = try ScratchDirectory()
    let secret = try directory.write("secret", String(repeating: "s", count: 32))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
  }

  var valid: String {
    """
    {"cluster": "test", "node": {"id": 2},
     "members": [{"id": 2, "name": "node2", "peer": "127.0.0.1:9102", "client": "http://127.0.0.1:8102"},
                 {"id": 1, "name": "node1", "peer": "127.0.0.1:9101", "client": "http://127.0.0.1:8101"}],
     "data": {"directory": "d"},
     "limits": {"frame_bytes": "128KiB", "burst": 7},
     "client": {"heartbeat_ms": "20s"},
     "jwt": {"secrets": [{"id": "k1", "file": "\(directory.path)/secret"}]}}
    """
  }

  func load(
    _ json: String, flags: [String: String] = [:], environment: [String: String] = [:]
  ) throws -> LoadedConfiguration {
    let file = try directory.write("node.json", json)
    return try ServerConfiguration.load(
      file: file, flags: flags, environment: environment, cores: 5, memory: 10 << 30)
  }

  /// The problems of a configuration that must not load.
  func problems(
    _ json: String, flags: [String: String] = [:], environment: [String: String] = [:]
  ) throws -> [ConfigurationProblem] {
    do {
      _ = try load(json, flags: flags, environment: environment)
      Issue.record("this configuration was taken: \(json)")
      return []
    } catch let error as ConfigurationError {
      return error.problems
    }
  }

  @Test("the file gives values, what it leaves out has defaults")
  func file() throws {
    let configuration = try load(valid).configuration
    #expect(configuration.cluster == "test")
    #expect(configuration.nodeID == 2)
    #expect(configuration.nodeName == "node2")
    #expect(configuration.members.map(\.id) == [1, 2])
    #expect(configuration.limits.frameBytes == 131_072)
    #expect(configuration.limits.bodyBytes == 16_384)
    #expect(configuration.limits.burst == 7)
    #expect(configuration.heartbeatMilliseconds == 20_000)
    #expect(
      configuration.jwtSecrets == [
        JWTSecret(id: "k1", bytes: Array(repeating: 115, count: 32), file: "\(directory.path)/secret")
      ])
    #expect(configuration.threads == 2)
    #expect(configuration.peerTLS == nil)
  }

  @Test("flags come before the environment, the environment before the file")
  func precedence() throws {
    let environment = ["SWITCHBOARD_LIMITS_BURST": "8", "SWITCHBOARD_LIMITS_FRAME_BYTES": "2MiB"]
    let configuration = try load(valid, flags: ["limits.burst": "9"], environment: environment).configuration
    #expect(configuration.limits.burst == 9)
    #expect(configuration.limits.frameBytes == 2_097_152)
    #expect(try load(valid, environment: environment).configuration.limits.burst == 8)
  }

  @Test("every key can be given by its environment name")
  func environmentNames() throws {
    let names = SettingCatalog.all.map(\.environmentName)
    #expect(Set(names).count == names.count)
    #expect(SettingCatalog.ratePerConnection.environmentName == "SWITCHBOARD_LIMITS_RATE_PER_CONNECTION")
    for setting in SettingCatalog.all {
      let sources = SettingSources(flags: [:], environment: [setting.environmentName: "x"], file: nil)
      #expect(sources.text(setting)?.text == "x", "\(setting.key)")
    }
  }

  @Test("a whole node can be told by the environment alone")
  func withoutFile() throws {
    let loaded = try ServerConfiguration.load(
      file: nil,
      environment: [
        "SWITCHBOARD_NODE_ID": "1", "SWITCHBOARD_DATA_DIRECTORY": "/d",
        "SWITCHBOARD_MEMBERS": "1=[::1]:9101=http://[::1]:8101,2=b:9101=http://b:8101",
        "SWITCHBOARD_JWT_SECRET_FILE": "\(directory.path)/secret",
      ])
    #expect(loaded.configuration.members.map(\.peer) == ["[::1]:9101", "b:9101"])
    #expect(loaded.configuration.nodeName == "node1")
    #expect(loaded.warnings.isEmpty)
  }

  @Test("0 turns every limit off")
  func zero() throws {
    let limits = SettingCatalog.all.filter { $0.key.hasPrefix("limits.") }
    let environment = Dictionary(uniqueKeysWithValues: limits.map { ($0.environmentName, "0") })
    let read = try load(valid, environment: environment).configuration.limits
    #expect(
      read
        == .init(
          frameBytes: 0, bodyBytes: 0, ratePerConnection: 0, burst: 0, ratePerAddress: 0, burstPerAddress: 0,
          connectionsPerAddress: 0, httpConnections: 0,
          httpConnectionsPerAddress: 0, sessionsPerConnection: 0, openRequests: 0, errorsInARow: 0,
          outboundBytes: 0,
          maxConnections: 0, connectionsPerSecond: 0, sessionsPerCustomer: 0, opensPerHour: 0,
          customerBytesPerHour: 0, messagesPerSession: 0, sessionBytes: 0, memoryBytes: 0))
  }

  @Test("all problems are told at once, each with key, value, source and what is allowed")
  func everything() throws {
    let found = try problems(
      """
      {"node": {"id": 0}, "members": [{"id": 1, "peer": "nowhere", "client": "http://a:1", "clinet": 1}],
       "limits": {"burst": -1, "frame_bytes": "many", "bogus": 1}, "log": {"level": "inof"},
       "client": {"open_status": "yes", "port": 70000}, "jwt": {"secrets": []}}
      """, environment: ["SWITCHBOARD_RAFT_TICK_MS": "0"])
    let keys = Set(found.map(\.key))
    #expect(
      keys.isSuperset(of: [
        "node.id", "members[0].peer", "members[0].clinet", "limits.burst", "limits.frame_bytes", "limits.bogus",
        "log.level", "client.open_status", "client.port", "jwt.secrets", "data.directory", "raft.tick_ms",
      ]), "\(keys)")
    let tick = try #require(found.first { $0.key == "raft.tick_ms" })
    #expect(tick.value == "0")
    #expect(tick.source == "environment SWITCHBOARD_RAFT_TICK_MS")
    #expect(tick.problem.contains("1 to 1000"))
    let level = try #require(found.first { $0.key == "log.level" })
    #expect(level.problem.contains("did you mean \"info\""))
  }

  @Test(
    "an unknown key gets the nearest known one as a hint",
    arguments: [
      (#"{"limits": {"brust": 1}}"#, "limits.brust", "limits.burst"),
      (#"{"clutser": "x"}"#, "clutser", "cluster"),
      (#"{"limits": {"heartbeat_ms": 1}}"#, "limits.heartbeat_ms", "client.heartbeat_ms"),
      (#"{"node": {"id": 1, "nam": "x"}}"#, "node.nam", "node.name"),
    ])
  func hints(json: String, key: String, hint: String) throws {
    let problem = try #require(try problems(json).first { $0.key == key })
    #expect(problem.problem.contains("did you mean \"\(hint)\""), "\(problem)")
  }

  @Test(
    "an origin that no page could have is refused with what to write, and others are taken",
    arguments: [
      ("https://shop.example/", "\"https://shop.example\""),
      ("https://Shop.example", "\"https://shop.example\""),
      ("https://shop.example:443", "\"https://shop.example\""),
      ("wss://shop.example", "\"https://shop.example\""),
      ("https://*.shop.example", nil), ("capacitor://localhost", nil), ("http://localhost:3000", nil),
      ("*", nil),
    ] as [(String, String?)])
  func origins(origin: String, hint: String?) throws {
    let base = try Self.object(valid)
    let changed = base.merging(["client": ["allowed_origins": ["https://a.example", origin]]]) { old, new in
      guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
      return old.merging(new) { $1 }
    }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
    guard let hint else {
      #expect(try load(text).configuration.allowedOrigins == ["https://a.example", origin])
      return
    }
    let found = try problems(text)
    #expect(found.count == 1 && found.first?.problem.contains(hint) == true, "\(found)")
  }

  @Test(
    "values of the wrong type or out of bounds are refused",
    arguments: [
      #"{"limits": {"burst": true}}"#, #"{"limits": {"burst": 1.5}}"#, #"{"limits": {"burst": "7"}}"#,
      #"{"limits": {"frame_bytes": 17000000}}"#, #"{"limits": {"body_bytes": "129KiB"}}"#,
      #"{"client": {"heartbeat_ms": "1y"}}"#, #"{"client": {"host": "a b"}}"#,
      #"{"client": {"allowed_origins": ["shop.example"]}}"#, #"{"client": {"open_status": 1}}"#,
      #"{"raft": {"heartbeat_ticks": 30}}"#, #"{"peer": {"tls": {"ca": "/nowhere"}}}"#, #"{"peer": 7}"#,
      #"{"peer": {"port": 8101}}"#, #"{"node": {"id": 3}}"#, #"{"node": {"id": 2, "name": "other"}}"#,
      #"{"members": []}"#, #"{"members": [7]}"#, #"{"cluster": "with space"}"#,
      #"{"limits": {"burst": 99999999999999999999}}"#,
    ])
  func refused(json: String) throws {
    // Everything but the one thing is right.
    let base = try Self.object(valid)
    let changed = base.merging(try Self.object(json)) { old, new in
      guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
      return old.merging(new) { $1 }
    }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
    #expect(try problems(text).isEmpty == false)
  }

  private static func object(_ json: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
  }

  @Test(
    "a file that is missing, too large, or no JSON object is told as such",
    arguments: ["", "[]", "{", "{} x", "nul"])
  func badFiles(text: String) throws {
    #expect(try problems(text).count == 1)
    #expect(throws: ConfigurationError.self) {
      try ServerConfiguration.load(file: directory.path + "/nowhere.json", environment: [:])
    }
  }

  @Test("secrets are in no text: not in problems, not in the report, not in a description")
  func secrecy() throws {
    let secret = "very-secret-very-secret-very-secret"
    let json = valid.replacing(
      #"{"id": "k1", "file": "\#(directory.path)/secret"}"#, with: #"{"id": "k1", "secret": "\#(secret)"}"#)
    let loaded = try load(json)
    #expect(loaded.configuration.jwtSecrets.first?.bytes == Array(secret.utf8))
    var texts = [loaded.report, "\(loaded.configuration)", "\(loaded.configuration.jwtSecrets)"]
    var dumped = ""
    dump(loaded.configuration, to: &dumped)
    texts.append(dumped)
    let environment = ["SWITCHBOARD_JWT_SECRET": secret]
    texts.append(try load(valid, environment: environment).report)
    let short = String(secret.prefix(20))
    texts += try problems(valid, environment: ["SWITCHBOARD_JWT_SECRET": short]).map(\.description)
    texts += try problems(json.replacing(secret, with: short)).map(\.description)
    texts += try problems(json, flags: ["jwt.secret": secret, "jwt.secret_file": "x"]).map(\.description)
    for text in texts { #expect(!text.contains(short), "\(text)") }
  }

  @Test("keys of gossip come from the list or from one file, in order, and are never shown")
  func gossipKeys() throws {
    let digits = "00ff" + String(repeating: "A5", count: 30)
    let bytes = [0, 255] + [UInt8](repeating: 0xA5, count: 30)
    let key = try directory.write("gossip", digits + "\n")
    func with(_ gossip: String) -> String {
      valid.replacing(#""data":"#, with: #""gossip": \#(gossip), "data":"#)
    }
    #expect(try load(valid).configuration.gossip == .init(isEnabled: true, keys: []))
    let two = with(#"{"keys": [{"id": 9, "file": "\#(key)"}, {"id": 0, "secret": "\#(digits)"}]}"#)
    let loaded = try load(two)
    #expect(
      loaded.configuration.gossip.keys == [
        GossipSecret(id: 9, bytes: bytes), GossipSecret(id: 0, bytes: bytes),
      ])
    var dumped = ""
    dump(loaded.configuration, to: &dumped)
    for text in [loaded.report, "\(loaded.configuration)", dumped] {
      #expect(!text.contains(digits) && !text.contains("165, 165"))
    }
    #expect(loaded.report.contains("9: <secret, 32 bytes>, 0: <secret, 32 bytes>"))
    let one = try load(with(#"{"enabled": false}"#), flags: ["gossip.key_file": key]).configuration.gossip
    #expect(one == .init(isEnabled: false, keys: [GossipSecret(id: 0, bytes: bytes)]))
    for bad in [
      #"{"id": 1, "secret": "\#(digits.dropLast())"}"#, #"{"id": 1, "secret": "\#(digits.dropLast())g"}"#,
      #"{"id": 256, "secret": "\#(digits)"}"#, #"{"secret": "\#(digits)"}"#, #"{"id": 1}"#,
      #"{"id": 1, "secret": "\#(digits)"}, {"id": 1, "secret": "\#(digits)"}"#,
      #"{"id": 1, "file": "/nowhere"}"#, #"{"id": 1, "sekret": "\#(digits)"}"#,
    ] {
      let found = try problems(with(#"{"keys": [\#(bad)]}"#))
      #expect(found.contains { $0.key.hasPrefix("gossip.keys[") }, "\(bad)")
      #expect(!found.contains { $0.description.contains("A5A5") })
    }
  }

  @Test("a secret's file loses its line's end; a short one is refused by its length")
  func secretFiles() throws {
    let good = try directory.write("s1", String(repeating: "a", count: 64) + "\r\n")
    let short = try directory.write("s2", String(repeating: "a", count: 31) + "\n")
    let read = try load(valid, flags: ["jwt.secret_file": good]).configuration.jwtSecrets
    #expect(read.map(\.bytes.count) == [64])
    #expect(try problems(valid, flags: ["jwt.secret_file": short]).first?.problem.contains("31 bytes") == true)
    #expect(
      try problems(valid, flags: ["jwt.secret_file": "/nowhere"]).first?.problem.contains("no such file")
        == true)
  }

  @Test("a variable that means nothing is a warning with the nearest name")
  func warnings() throws {
    let environment = ["SWITCHBOARD_LIMIT_BURST": "1", "SWITCHBOARD_PORT_BASE": "8100", "OTHER": "x"]
    let warnings = try load(valid, environment: environment).warnings
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("SWITCHBOARD_LIMITS_BURST") == true)
  }

  @Test(
    "a secret that others can read or change is a warning that says what to do",
    arguments: [
      (0o600, false), (0o640, false), (0o644, true), (0o604, true), (0o660, true), (0o622, true),
      (0o400, false),
    ])
  func modes(mode: Int, isWarned: Bool) throws {
    let secret = directory.path + "/secret"
    let key = try directory.write("key", String(repeating: "0f", count: 32))
    let pem = try directory.write("pem", "x")
    for file in [secret, key, pem] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }
    let flags = ["gossip.key_file": key, "peer.tls.key": pem, "peer.tls.certificate": pem, "peer.tls.ca": pem]
    let warnings = try load(valid, flags: flags).warnings
    #expect(warnings.count == (isWarned ? 3 : 0), "\(warnings)")
    #expect(warnings.allSatisfy { $0.contains("chmod 600") })
  }

  @Test("a file of the configuration that holds a secret is looked at, too")
  func modeOfTheFile() throws {
    let inline = valid.replacingOccurrences(
      of: #""file": "\#(directory.path)/secret""#, with: #""secret": "\#(String(repeating: "s", count: 32))""#)
    let file = try directory.write("node.json", inline)
    for (mode, count) in [(0o644, 1), (0o600, 0)] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
      let loaded = try ServerConfiguration.load(file: file, environment: [:])
      #expect(loaded.warnings.count == count, "\(loaded.warnings)")
    }
  }

  @Test(
    "peers without TLS need to be allowed where others reach the port",
    arguments: [
      ("127.0.0.1", true), ("127.8.0.1", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
      ("10.0.0.1", false), ("::", false), ("127.0.0.1.example", false), ("node1", false),
    ])
  func plaintext(host: String, isTaken: Bool) throws {
    let flags = ["peer.host": host]
    if isTaken {
      #expect(try load(valid, flags: flags).configuration.allowsPlaintextPeers == false)
    } else {
      let problem = try #require(try problems(valid, flags: flags).first)
      #expect(problem.key == "peer.host" && problem.problem.contains("peer.allow_plaintext"))
    }
    let allowed = try load(valid, flags: flags.merging(["peer.allow_plaintext": "true"]) { $1 })
    #expect(allowed.configuration.allowsPlaintextPeers)
    #expect(allowed.warnings.count { $0.contains("without TLS") } == (isTaken ? 0 : 1))
  }

  @Test("the report names each key with its source")
  func report() throws {
    let report = try load(valid, environment: ["SWITCHBOARD_LOG_LEVEL": "debug"]).report
    let lines = report.split(separator: "\n")
    #expect(lines.count == SettingCatalog.all.count)
    #expect(
      lines.contains { $0.hasPrefix("log.level") && $0.hasSuffix("debug  (environment SWITCHBOARD_LOG_LEVEL)") }
    )
    #expect(lines.contains { $0.hasPrefix("raft.tick_ms") && $0.hasSuffix("10  (default)") })
    #expect(lines.contains { $0.hasPrefix("jwt.secrets") && $0.contains("k1: <secret, 32 bytes>") })
  }

  @Test(
    "relative paths of the file begin where it says, those of flags and variables where the node was started")
  func relativePaths() throws {
    let text = valid.replacing("\(directory.path)/secret", with: "secret")
    #expect(try problems(text).map(\.key) == ["jwt.secrets[0].file"])
    let moved = text.replacing(
      "\"cluster\": \"test\"", with: "\"relative_paths\": \"file\", \"cluster\": \"test\"")
    let configuration = try load(moved).configuration
    #expect(configuration.dataDirectory == directory.path + "/d")
    #expect(configuration.jwtSecrets.map(\.file) == [directory.path + "/secret"])
    #expect(try load(moved, flags: ["data.directory": "e"]).configuration.dataDirectory == "e")
    #expect(
      try load(moved, environment: ["SWITCHBOARD_DATA_DIRECTORY": "/f"]).configuration.dataDirectory == "/f")
    #expect(try load(text, flags: ["relative_paths": "file"]).configuration.jwtSecrets.count == 1)
    #expect(try problems(moved, flags: ["relative_paths": "start"]).map(\.key) == ["jwt.secrets[0].file"])
    #expect(try problems(valid, flags: ["relative_paths": "here"]).map(\.key) == ["relative_paths"])
  }

  @Test("sizes and durations", arguments: [("64KiB", 65536), ("1 mib", 1_048_576), ("7", 7), ("3b", 3)])
  func sizes(text: String, bytes: Int) { #expect(Quantity.bytes(text) == bytes) }

  @Test(
    "durations", arguments: [("250ms", 250), ("15s", 15000), ("2m", 120_000), ("1h", 3_600_000), ("40", 40)])
  func durations(text: String, milliseconds: Int) { #expect(Quantity.milliseconds(text) == milliseconds) }

  @Test(
    "what is no quantity",
    arguments: ["", "-1", "1.5s", "s", "9999999999999999999", "9999999999999999GiB", "1KiBs"])
  func noQuantity(text: String) {
    #expect(Quantity.bytes(text) == nil)
    #expect(Quantity.milliseconds(text) == nil)
  }
}

/// A directory that goes with its owner.
final class ScratchDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/switchboard-configuration-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    return path + "/" + name
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
