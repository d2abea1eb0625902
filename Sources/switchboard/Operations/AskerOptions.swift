import ArgumentParser
import Desk
import Foundation
import Protocol

/// Who asks, when there is no token that says it.
struct AskerOptions: ParsableArguments {
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Who you are, in a token that is signed here. By default your name on this machine.", valueName: "name"))
  var identity: String?

  @Option(
    help: ArgumentHelp(
      "In a token that is signed here: customer, agent, supervisor or admin.", valueName: "role"),
    completion: .list(UserRole.allCases.map(\.name)))
  var role: String?

  @Option(
    help: ArgumentHelp("In a token that is signed here: the desk; by default main.", valueName: "name"))
  var desk: String?

  func check(_ allowed: Roles) throws {
    _ = try TokenMaker.desk(desk)
    if let identity, identity.isEmpty { throw ValidationError("--as is empty") }
    guard let role else { return }
    guard let known = UserRole(name: role) else {
      throw ValidationError(
        "--role \(role): allowed are \(UserRole.allCases.map(\.name).joined(separator: ", "))")
    }
    guard allowed.contains(Roles(known)) else {
      throw ValidationError("--role \(role): this is for \(allowed.text)")
    }
  }

  /// An admin where admins may ask, else the first who may.
  func maker(for allowed: Roles) -> TokenMaker {
    let first = allowed.contains(.admin) ? "admin" : allowed.names.first ?? "admin"
    let name = ProcessInfo.processInfo.environment["USER"].flatMap { $0.isEmpty ? nil : $0 }
    return TokenMaker(
      role: (role ?? first).asRole, subject: identity ?? name ?? "operator",
      desk: desk.flatMap(DeskName.init), seconds: 600)
  }
}

extension String {
  fileprivate var asRole: UserRole { UserRole(name: self) ?? .customer }
}
