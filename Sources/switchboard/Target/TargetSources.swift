import Certificates
import Foundation

/// Where it stands which cluster is meant, strongest first: flags, the environment, the context. Without any it is the cluster
/// of `scripts/cluster`.
struct TargetSources {
  var urls: [String] = []
  var token: String?
  var tokenFile: String?
  var authorities: String?
  /// By name.
  var context: String?
  var environment: [String: String]
  /// Read only when one is needed.
  var contexts: () throws -> Contexts

  private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// - Throws: `CommandFailure`.
  func target() throws -> ClusterTarget {
    var urls = urls
    if urls.isEmpty, let text = variable("SWITCHBOARD_URL") {
      urls = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    let (name, entry) = try choose(hasAddresses: !urls.isEmpty)
    if urls.isEmpty { urls = entry?.urls ?? NodeAddresses.development }
    var ca = authorities ?? variable(ClientTrust.variable)
    if ca == nil, let name, let file = entry?.authorities {
      do { _ = try ClientTrust.authorities(file) } catch { throw CommandFailure("Context \(name): \(error)") }
      ca = file
    }
    return ClusterTarget(urls: urls.map(NodeAddresses.http), token: try token(entry), authorities: ca)
  }

  /// Whoever gives addresses means those alone: the token of the current context is for its own. A context that is named
  /// counts beside them.
  private func choose(hasAddresses: Bool) throws -> (name: String?, entry: Contexts.Entry?) {
    if let name = context ?? variable("SWITCHBOARD_CONTEXT") { return (name, try contexts().known(name)) }
    guard !hasAddresses else { return (nil, nil) }
    let known = try contexts()
    guard let name = known.current else { return (nil, nil) }
    return (name, try known.known(name))
  }

  private func token(_ entry: Contexts.Entry?) throws -> String? {
    if let token { return try TokenText.checked(token, "--token") }
    if let tokenFile { return try TokenText.read(tokenFile) }
    if let token = variable("SWITCHBOARD_TOKEN") { return try TokenText.checked(token, "SWITCHBOARD_TOKEN") }
    if let file = variable("SWITCHBOARD_TOKEN_FILE") { return try TokenText.read(file) }
    if let token = entry?.token { return try TokenText.checked(token, "The token of the context") }
    return try entry?.tokenFile.map { try TokenText.read($0) }
  }
}
