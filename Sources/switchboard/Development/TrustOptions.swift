import ArgumentParser
import Certificates

/// Whom a command believes when a node shows its certificate.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "For https:// and wss://: the authorities that are believed, in PEM. By default those of \(ClientTrust.variable), "
        + "or what this system trusts.", valueName: "file"))
  var ca: String?

  func validate() throws {
    guard let file = ca ?? ClientTrust.fileOfEnvironment else { return }
    do {
      _ = try ClientTrust.authorities(file)
    } catch {
      throw ValidationError(ca == nil ? "\(ClientTrust.variable): \(error)" : "--ca: \(error)")
    }
  }
}
