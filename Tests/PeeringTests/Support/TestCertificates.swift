import Foundation
import Peering
import Protocol

/// An authority of its own, made by the `openssl` command line in a temporary directory, and certificates that
/// it signs.
final class TestCertificates: Sendable {
  struct Failure: Error {
    var command: String
    var status: Int32
  }

  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority "
        + "-keyout ca.key -out ca.pem")
  }

  deinit {
    try? FileManager.default.removeItem(at: directory)
  }

  func node(_ id: UInt64) throws -> PeerTLS {
    try node(id, alternativeName: "node\(id)")
  }

  /// - Parameter alternativeName: the DNS name; nil: the certificate has a common name alone.
  func node(_ id: UInt64, alternativeName: String?) throws -> PeerTLS {
    let name = "node\(id)"
    try openssl(
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) -keyout \(name).key "
        + "-out \(name).csr")
    var extensions = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n"
    if let alternativeName { extensions += "subjectAltName=DNS:\(alternativeName)\n" }
    try Data(extensions.utf8).write(to: directory.appendingPathComponent("\(name).ext"))
    try openssl(
      "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile \(name).ext "
        + "-out \(name).pem")
    return PeerTLS(
      certificateChainFile: path("\(name).pem"), privateKeyFile: path("\(name).key"),
      authorityFile: path("ca.pem"))
  }

  private func path(_ file: String) -> String { directory.appendingPathComponent(file).path }

  private func openssl(_ arguments: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = directory
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(command: "openssl \(arguments)", status: process.terminationStatus)
    }
  }
}
