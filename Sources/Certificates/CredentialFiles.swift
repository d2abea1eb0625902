#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Files in PEM by which one side of TLS proves who it is, and knows whom to believe.
package struct CredentialFiles: Hashable, Sendable {
  package enum Part: String, Hashable, Sendable {
    case certificate = "certificate"
    case key = "private key"
    case authority = "certificate authority"
  }

  /// The side's own certificate, then those between it and the authority.
  package var certificate: String
  package var key: String
  /// Who signs the certificates of the other side; nil: the other side shows none.
  package var authority: String?

  package init(certificate: String, key: String, authority: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.authority = authority
  }

  package func path(of part: Part) -> String {
    switch part {
    case .certificate: certificate
    case .key: key
    case .authority: authority ?? ""
    }
  }

  /// What the files say at one moment.
  package struct Contents: Hashable, Sendable {
    var certificate: [UInt8]
    var key: [UInt8]
    var authority: [UInt8]?
  }

  /// Longer files are none of these.
  static let longestFile = 1 << 20

  /// Blocks while the files are read.
  package func read() throws(CredentialProblem) -> Contents {
    Contents(
      certificate: try read(.certificate), key: try read(.key),
      authority: authority == nil ? nil : try read(.authority))
  }

  func read(_ part: Part) throws(CredentialProblem) -> [UInt8] {
    let path = path(of: part)
    guard let file = fopen(path, "rbe") else {
      throw CredentialProblem(part, path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Self.longestFile + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else {
      throw CredentialProblem(part, path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    guard count <= Self.longestFile else {
      throw CredentialProblem(part, path, "has more than \(Self.longestFile) bytes and is no \(part.rawValue)")
    }
    bytes.removeSubrange(count...)
    return bytes
  }
}

/// What is wrong with one of the files, in words that say what to do.
package struct CredentialProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var part: CredentialFiles.Part
  package var path: String
  package var reason: String

  init(_ part: CredentialFiles.Part, _ path: String, _ reason: String) {
    self.part = part
    self.path = path
    self.reason = reason
  }

  package var description: String { "the \(part.rawValue) in \(path) \(reason)" }
}
