import API
import ArgumentParser
import Desk
import Foundation
import Server
import Synchronization
import Verifier

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Break a cluster in every way while people talk, then prove that nothing was lost.",
    discussion: """
      Without --cluster and --url it starts three nodes of its own on free ports, with data in a temporary folder. \
      Customers and agents talk while nodes are killed, frozen, cut off, drained, wiped and replaced; afterwards the \
      history of every node is compared with what was acknowledged. docs/verify.md says what is proved, and how.

      EXAMPLES
        switchboard verify --minutes 2
        switchboard verify --minutes 10 --seed 7          # the same faults in the same order
        switchboard verify --cluster .run --minutes 1     # the cluster of scripts/cluster: its nodes are killed!
        switchboard verify --url http://10.0.0.1:8101 --secret-file secret --minutes 1
        switchboard verify --url https://10.0.0.1:8101 --ca ca.pem --secret-file secret --minutes 1

      Exit code: 0 without a violation, 1 with one, 2 when it could not be done.
      """)

  @Option(help: ArgumentHelp("How long faults are made.", valueName: "number"))
  var minutes = 10.0

  @Option(
    help: ArgumentHelp(
      "What the faults and the load are drawn from; by default a new one.", valueName: "number"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("How many customers talk at a time.", valueName: "number"))
  var customers = 40

  @Option(help: ArgumentHelp("How many agents serve them.", valueName: "number"))
  var agents = 8

  @Option(help: ArgumentHelp("Seconds from one fault to the next, at the least.", valueName: "number"))
  var every = 8.0

  @Option(
    help: ArgumentHelp(
      "Only this kind of fault; may be given several times, or `none`: "
        + FaultKind.allCases.map(\.rawValue).joined(separator: ", "), valueName: "kind"))
  var only: [String] = []

  @Option(help: ArgumentHelp("Not this kind of fault; may be given several times.", valueName: "kind"))
  var skip: [String] = []

  @Option(
    help: ArgumentHelp("A run directory of scripts/cluster, whose nodes may be killed.", valueName: "dir"))
  var cluster: String?

  @Option(help: "A node of a cluster that runs; may be given several times. Its processes are left alone.")
  var url: [String] = []

  @Option(
    help: ArgumentHelp(
      "How nodes of its own are cut off from each other: in network namespaces (as root, on Linux), or by an endpoint "
        + "of theirs: \(OwnCluster.Network.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "how"
    ))
  var network = OwnCluster.Network.auto

  @Option(help: ArgumentHelp("Where the history and the report go.", valueName: "dir"))
  var output: String?

  @Flag(help: "Print the report as JSON.")
  var json = false

  @Flag(help: "Keep the data of a cluster of its own; after a violation it is kept anyway.")
  var keep = false

  @OptionGroup var secret: SecretOptions
  @OptionGroup var trust: TrustOptions

  func validate() throws {
    guard minutes > 0, minutes <= 1440 else { throw ValidationError("--minutes is above 0, at most 1440") }
    guard (1...500).contains(customers) else { throw ValidationError("--customers is 1 to 500") }
    guard (1...100).contains(agents) else { throw ValidationError("--agents is 1 to 100") }
    guard every >= 1 else { throw ValidationError("--every is 1 or more") }
    if let cluster, cluster.contains("://") {
      throw ValidationError(
        "--cluster names a run directory of scripts/cluster, and \(cluster) is an address: say --url \(cluster)"
      )
    }
    guard cluster == nil || url.isEmpty else { throw ValidationError("--cluster and --url exclude each other") }
    guard isOwn || network != .namespaces else {
      throw ValidationError("--network namespaces is for a cluster of its own, without --cluster and --url")
    }
    for name in only where name != "none" && FaultKind(rawValue: name) == nil {
      throw ValidationError("--only \(name): there is no such fault")
    }
    for name in skip where FaultKind(rawValue: name) == nil {
      throw ValidationError("--skip \(name): there is no such fault")
    }
  }

  func run() async throws {
    let seed = seed ?? UInt64.random(in: 1...999_999_999)
    let place =
      output ?? NSTemporaryDirectory()
      + "switchboard-verify-\(seed)-\(ProcessInfo.processInfo.processIdentifier)"
    let wanted = only.isEmpty ? FaultKind.allCases : only.compactMap(FaultKind.init(rawValue:))
    let kinds = wanted.filter { !skip.contains($0.rawValue) }
    let settings = VerificationSettings(
      seconds: minutes * 60, seed: seed, load: LoadSettings(customers: customers, agents: agents),
      interval: every, kinds: kinds, output: place, authorities: trust.ca)
    Interruption.listen()
    let (fleet, signing): (NodeFleet, TokenSigner)
    do { (fleet, signing) = try prepare(place) } catch { throw given(up: error) }
    defer { fleet.dismiss() }
    Terminal.complain("seed \(seed), \(customers) customers, \(agents) agents; output in \(place)")
    let verification = Verification(
      settings,
      tokens: { role, sub, desk in
        guard let role = UserRole(name: role) else { throw CommandFailure("there is no role \(role)") }
        return try await TokenMaker(
          // Some of its customers are more urgent than others.
          role: role, subject: sub, priority: role == .customer ? 1 : nil, desk: desk,
          seconds: minutes * 60 + 7200
        ).token(with: signing)
      },
      isStopped: { Interruption.hasCome }, progress: { Terminal.complain($0) })
    var report: VerificationReport
    do {
      report = try await verification.run(on: fleet)
    } catch {
      throw given(up: error)
    }
    fleet.dismiss()
    if isOwn {
      if keep || !report.violations.isEmpty { report.kept = place } else { try removeData(place) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let encoded = try encoder.encode(report)
    try encoded.write(to: URL(fileURLWithPath: place + "/report.json"))
    Terminal.say(json ? String(decoding: encoded, as: UTF8.self) : report.text())
    if !report.violations.isEmpty { throw ExitCode(1) }
  }

  private func given(up error: any Error) -> ExitCode {
    Terminal.complain("Error: \(error)")
    return ExitCode(2)
  }

  private var isOwn: Bool { cluster == nil && url.isEmpty }

  private func prepare(_ place: String) throws -> (NodeFleet, TokenSigner) {
    do {
      if let cluster {
        let secret = TokenSigner(secret: TokenSecret(id: nil, secret: try SecretFile.read(cluster + "/secret")))
        return (try FoundCluster.inRunDirectory(cluster), secret)
      }
      if !url.isEmpty { return (FoundCluster.at(url.map(NodeAddresses.http)), try secret.signer()) }
      let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let fleet = try OwnCluster.prepare(
        executable: executable, directory: place, secret: OwnCluster.newSecret(), network: network)
      return (fleet, TokenSigner(secret: TokenSecret(id: nil, secret: try SecretFile.read(place + "/secret"))))
    } catch let failure as OwnCluster.Failure {
      throw CommandFailure(failure.description)
    } catch let failure as FoundCluster.Failure {
      throw CommandFailure(failure.description)
    }
  }

  private func removeData(_ place: String) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: place) where name.hasPrefix("data-") {
      try FileManager.default.removeItem(atPath: place + "/" + name)
    }
  }
}

extension OwnCluster.Network: ExpressibleByArgument {}

/// Ctrl-C ends the faults early; the proof of what was done until then still comes. A second one ends the program.
private enum Interruption {
  private static let flag = Atomic(false)

  static var hasCome: Bool { flag.load(ordering: .relaxed) }

  static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
