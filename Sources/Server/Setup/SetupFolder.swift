import Certificates
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What `switchboard init` writes: for each node a folder with all the files of its `/etc/switchboard`, and beside them the
/// authority that has signed their certificates.
package enum SetupFolder {
  package struct Failure: Error, CustomStringConvertible, Sendable {
    package let description: String
  }

  package static let configurationFile = "switchboard.json"

  /// Writes all of it or nothing. What is written was tried as `switchboard config check` does.
  ///
  /// - Parameters:
  ///   - path: a folder that is not there yet, or empty. Nothing that exists is ever written over.
  ///   - seconds: since 1970.
  /// - Throws: `Failure`, in words that say what to do.
  package static func write(_ plan: ClusterPlan, to path: String, at seconds: Int64) throws {
    let problems = plan.problems
    guard problems.isEmpty else { throw Failure(description: problems.joined(separator: "\n")) }
    let manager = FileManager.default
    var isDirectory: ObjCBool = false
    let exists = manager.fileExists(atPath: path, isDirectory: &isDirectory)
    if exists {
      guard isDirectory.boolValue, try manager.contentsOfDirectory(atPath: path).isEmpty else {
        throw Failure(
          description:
            "\(path) is there already, and nothing in it is written over: it may hold the only key of a "
            + "cluster's authority. Choose another folder with --directory, or move this one away")
      }
    }
    // Beside it, so that it comes into its place in one step.
    let target = URL(fileURLWithPath: path).standardizedFileURL
    let draft = target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString)").path
    do {
      try folder(draft)
      try fill(draft, with: plan, at: seconds)
      try check(plan, in: draft, at: seconds)
      if exists { try manager.removeItem(atPath: path) }
      try manager.moveItem(atPath: draft, toPath: target.path)
    } catch let failure as Failure {
      try? manager.removeItem(atPath: draft)
      throw failure
    } catch {
      try? manager.removeItem(atPath: draft)
      throw Failure(description: "\(path) cannot be written: \(reason(error))")
    }
  }

  private static func fill(_ directory: String, with plan: ClusterPlan, at seconds: Int64) throws {
    let issuer = try CertificateIssuer("Switchboard \(plan.cluster)", at: seconds)
    try file("\(directory)/ca.pem", issuer.authority.certificate)
    try file("\(directory)/ca.key", issuer.authority.key)
    let (tokens, gossip) = (secret(), secret())
    let aliases = plan.aliases.map(CertificateHost.init)
    for seat in plan.seats {
      // Peers ask for node and number, clients for the host.
      var hosts: [CertificateHost] = []
      for host in [.name("node\(seat.number)"), CertificateHost(seat.host)] + aliases
      where !hosts.contains(host) {
        hosts.append(host)
      }
      let issued = try issuer.issue("node\(seat.number)", for: hosts)
      let folder = "\(directory)/\(seat.name)"
      try Self.folder(folder)
      for (name, text) in [
        ("ca.pem", issuer.authority.certificate), ("node.pem", issued.certificate), ("node.key", issued.key),
        ("token.secret", tokens), ("gossip.key", gossip),
        (configurationFile, SetupConfiguration.text(of: seat, in: plan)),
      ] { try file("\(folder)/\(name)", text) }
    }
  }

  /// Nobody writes by hand what is wrong here: it would be this program's mistake, or an origin that is none.
  private static func check(_ plan: ClusterPlan, in directory: String, at seconds: Int64) throws {
    for seat in plan.seats {
      let path = "\(directory)/\(seat.name)/\(configurationFile)"
      do {
        let loaded = try ServerConfiguration.load(file: path, environment: [:])
        // Ports and the data directory are those of another machine.
        let problems = NodeCheck(loaded.configuration, at: seconds, isRunning: true).problems
          .filter { $0.key != SettingCatalog.dataDirectory.key }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
      } catch let error as ConfigurationError {
        throw Failure(
          description: error.problems.map { "\($0)".replacing(path, with: configurationFile) }
            .joined(separator: "\n"))
      }
    }
  }

  private static func folder(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// Nobody else reads it, at no moment.
  private static func file(_ path: String, _ text: String) throws {
    guard
      FileManager.default.createFile(
        atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))") }
    defer { try? handle.close() }
    try handle.write(contentsOf: Data(text.utf8))
    try handle.synchronize()
  }

  /// 256 bits, as `openssl rand -hex 32` prints them.
  private static func secret() -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = (0..<4).map { _ -> String in
      let text = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return digits.joined() + "\n"
  }

  private static func reason(_ error: any Error) -> String {
    let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let inner, inner.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(inner.code))) }
    return (error as? CocoaError)?.localizedDescription ?? "\(error)"
  }
}
