package import Certificates
package import Foundation

/// An authority of its own, made by the `openssl` command line in a temporary directory, and certificates that it signs.
package final class TestAuthority: Sendable {
  package struct Failure: Error {
    var command: String
    var status: Int32
  }

  package let directory: URL

  package init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "certificates-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 900 -subj /CN=authority "
        + "-addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.pem")
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  package func path(_ file: String) -> String { directory.appendingPathComponent(file).path }

  /// - Parameter validity: as of `openssl x509`, for instance `-days 2`.
  package func issue(
    _ name: String, names: String = "DNS:localhost,IP:127.0.0.1", validity: String = "-days 90"
  ) throws -> CredentialFiles {
    try openssl(
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) -keyout \(name).key "
        + "-out \(name).csr")
    try Data(
      "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=\(names)\n".utf8
    ).write(to: directory.appendingPathComponent("\(name).ext"))
    try openssl(
      "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial \(validity) -extfile \(name).ext "
        + "-out \(name).pem")
    return CredentialFiles(
      certificate: path("\(name).pem"), key: path("\(name).key"), authority: path("ca.pem"))
  }

  /// - Parameter files: written into the directory before.
  /// - Returns: what it printed to both outputs, with `input` on its standard input.
  @discardableResult
  package func openssl(
    _ arguments: String, input: String = "", mayFail: Bool = false, files: [String: String] = [:]
  ) throws -> String {
    for (name, text) in files { try Data(text.utf8).write(to: directory.appendingPathComponent(name)) }
    let result = try Program.run(
      ["openssl"] + arguments.split(separator: " ").map(String.init), in: directory, input)
    guard result.status == 0 || mayFail else {
      throw Failure(command: "openssl \(arguments): \(result.output)", status: result.status)
    }
    return result.output
  }
}

/// A program of the system.
package enum Program {
  /// - Returns: what it printed to both outputs.
  package static func run(
    _ words: [String], in directory: URL? = nil, _ input: String = ""
  ) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    if let directory { process.currentDirectoryURL = directory }
    let (output, source) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = output
    process.standardInput = source
    try process.run()
    try? source.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try source.fileHandleForWriting.close()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
  }

  package static func exists(_ name: String) -> Bool {
    ["/usr/bin/", "/usr/local/bin/", "/bin/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + name)
    }
  }
}
