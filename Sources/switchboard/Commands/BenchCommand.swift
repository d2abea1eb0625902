import API
import ArgumentParser
import Benchmark
import Certificates
import Desk
import Foundation
import Protocol
import Server
import Verifier

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure three nodes on this machine: acknowledgements, delivery, and how they get over a loss.",
    discussion: """
      Starts three nodes of its own on free ports, with data in a temporary folder and the limits of clients off. \
      Times stand beside what this machine's disk takes for one synced write. Build with `-c release` \
      (scripts/bench does), and let nothing else run.

      EXAMPLES
        scripts/bench
        scripts/bench --only back --crowd 3000
        scripts/bench --json
        scripts/bench --only live --sessions 100000
        scripts/bench --only soak --minutes 30 --rate 5000    # only where it is named
        scripts/bench --certificate node.pem --key node.key --ca ca.pem    # with TLS for clients
      """)

  @Option(
    help: ArgumentHelp(
      "Only this; may be given several times: "
        + Benchmark.Kind.allCases.map(\.rawValue).joined(separator: ", "), valueName: "name"))
  var only: [String] = []

  @Option(help: ArgumentHelp("How long each rate is measured.", valueName: "number"))
  var seconds = 4.0

  @Option(help: ArgumentHelp("How many clients come back after the loss of a node.", valueName: "number"))
  var crowd = 10_000

  @Option(help: ArgumentHelp("How often the leader is killed.", valueName: "number"))
  var kills = 5

  @Option(help: ArgumentHelp("How many messages the archive has.", valueName: "number"))
  var messages = 1_000_000

  @Option(help: ArgumentHelp("How many sessions live at a time, for --only live.", valueName: "number"))
  var sessions = 100_000

  @Option(help: ArgumentHelp("How long the soak takes.", valueName: "number"))
  var minutes = 30.0

  @Option(help: ArgumentHelp("Messages a second of the soak.", valueName: "number"))
  var rate = 5_000

  @Option(help: ArgumentHelp("Where the data of the nodes lies meanwhile.", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Serve the clients with TLS: a certificate for 127.0.0.1, in PEM. With --key.", valueName: "file"))
  var certificate: String?

  @Option(help: ArgumentHelp("The private key of --certificate.", valueName: "file"))
  var key: String?

  @OptionGroup var trust: TrustOptions

  @Flag(help: "Print the figures as JSON.")
  var json = false

  func validate() throws {
    for name in only where Benchmark.Kind(rawValue: name) == nil {
      throw ValidationError("--only \(name): there is no such measurement")
    }
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("--certificate and --key go together")
    }
    guard seconds > 0, seconds <= 600 else { throw ValidationError("--seconds is above 0, at most 600") }
    guard (3...15_000).contains(crowd) else { throw ValidationError("--crowd is 3 to 15000") }
    guard (1...100).contains(kills) else { throw ValidationError("--kills is 1 to 100") }
    guard (5_000...50_000_000).contains(messages) else {
      throw ValidationError("--messages is 5000 to 50000000")
    }
    guard minutes > 0, minutes <= 1_440 else { throw ValidationError("--minutes is above 0, at most 1440") }
    guard (200...1_000_000).contains(sessions) else { throw ValidationError("--sessions is 200 to 1000000") }
    guard (10...50_000).contains(rate) else { throw ValidationError("--rate is 10 to 50000") }
    guard !only.contains(Benchmark.Kind.soak.rawValue) || only.count == 1 else {
      throw ValidationError("--only soak is for itself: what else is measured would leave its sessions behind")
    }
  }

  func run() async throws {
    let needed = rlim_t(crowd + 1_000)
    let allowed = Descriptors.raise(to: needed)
    guard allowed >= needed else {
      throw CommandFailure(
        "this process may open \(allowed) files and --crowd \(crowd) needs \(needed): raise `ulimit -n`")
    }
    let place =
      output ?? NSTemporaryDirectory() + "switchboard-bench-\(ProcessInfo.processInfo.processIdentifier)"
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let secret = OwnCluster.newSecret()
    var serving: OwnCluster.Serving?
    if let certificate, let key { serving = OwnCluster.Serving(certificate: certificate, key: key) }
    let known = serving == nil ? nil : try ClientTrust.standard(trust.ca)
    let isSoak = only.contains(Benchmark.Kind.soak.rawValue)
    let fleet = try OwnCluster.prepare(
      executable: executable, directory: place, secret: secret, purpose: isSoak ? .soaking : .measuring,
      serving: serving)
    var bare: NodeFleet?
    defer {
      fleet.dismiss()
      bare?.dismiss()
      try? FileManager.default.removeItem(atPath: place)
    }
    if only.contains(Benchmark.Kind.archive.rawValue) {
      bare = try OwnCluster.prepare(
        executable: executable, directory: place + "/bare", secret: secret, purpose: .measuringBare,
        serving: serving)
    }
    let signing = TokenSecret(id: nil, secret: Array(secret.utf8))
    let service = try await TokenService(secrets: [signing])
    let tokens: TokenMaking = { role, subject in
      guard let role = UserRole(name: role) else { throw CommandFailure("there is no role \(role)") }
      let expires = UInt64(Date().timeIntervalSince1970 + 7_200 + minutes * 60) * 1000
      return try service.sign(
        Claims(
          person: Person(id: subject, role: role, name: subject),
          // A few agents take the whole crowd.
          capacity: role == .agent ? TokenLimits.capacity : nil, expiresAtMilliseconds: expires))
    }
    let admin = try await tokens("admin", "bench")
    let benchmark = Benchmark(
      StagedCluster(fleet, token: admin, authorities: trust.ca),
      bare: bare.map { StagedCluster($0, token: admin, authorities: trust.ca) }, trust: known,
      directory: place, tokens: tokens,
      progress: { Terminal.complain($0) })
    let kinds = only.isEmpty ? Benchmark.Kind.usual : only.compactMap(Benchmark.Kind.init(rawValue:))
    let report = try await benchmark.run(
      kinds, seconds: seconds, crowd: crowd, kills: kills, messages: messages, minutes: minutes, rate: rate,
      sessions: sessions)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    Terminal.say(json ? String(decoding: try encoder.encode(report), as: UTF8.self) : report.text())
    if !report.failures.isEmpty { throw ExitCode(1) }
  }
}

/// How many files, and so connections, this process may have open.
private enum Descriptors {
  /// - Returns: how many it may have now.
  static func raise(to wanted: rlim_t) -> rlim_t {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return 0 }
    if limit.rlim_cur < wanted {
      limit.rlim_cur = min(wanted, limit.rlim_max)
      _ = setrlimit(resource, &limit)
      _ = getrlimit(resource, &limit)
    }
    return limit.rlim_cur
  }
}
