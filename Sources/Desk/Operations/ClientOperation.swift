internal import Kernel

/// What a client may ask for, declared once. The frame, the HTTP route, the verb of the command line, the description and
/// the documents are made from the declaration; `Operations.all` is the one list of them.
package protocol ClientOperation: Sendable {
  /// The `type` of its frame.
  static var name: StaticString { get }
  /// The verb of the command line under its noun: the name, where that does not say the noun once more.
  static var verb: String { get }
  /// The type of its binary frame, for ever: 16 to 191, and its `number` for a `SessionOperation`, so that others leave 32 to
  /// 127 to those. The types of what belongs to the connection, and of what a server says, are `BinaryFrameType`.
  static var frameType: UInt8 { get }
  /// One line for people: what it does.
  static var summary: String { get }
  /// What else they have to know; may be empty.
  static var about: String { get }
  /// Who may ask at all. What a person may do in one session is for the state machine to say.
  static var allowed: Roles { get }
  /// Whether it is remembered by its id, so that a repetition gets the first answer: then an id is needed.
  static var isRemembered: Bool { get }
  /// Where it is found over HTTP; nil: it belongs to a connection, and is for the WebSocket alone.
  static var route: Route? { get }
  static var answer: AnswerKind { get }
  /// The noun of the command line under which it is a verb; nil: it is of use to a connection that stays, and no command.
  static var noun: Noun? { get }
  static var fields: Fields<Self> { get }
  /// Whether it is noted that somebody of the staff has done it, or has read so.
  static var audit: AuditRule { get }
  /// What is noted beside that.
  var auditMatter: AuditMatter { get }

  /// - Throws: `Failure` when its fields do not go together.
  func check() throws(Failure)
  /// - Throws: `Failure` when its fields do not go together, or the asker's word does not go so far.
  func request(by asker: Asker) throws(Failure) -> DeskRequest
}

extension Asker {
  /// An admin whose token names no desk.
  package var isClusterAdmin: Bool { role == .admin && entitlement.isOfCluster }
}

extension ClientOperation {
  package static var about: String { "" }
  package static var verb: String {
    let name = "\(Self.name)"
    return name == (noun?.rawValue ?? "") + "s" ? "list" : String(name.map { $0 == "_" ? "-" : $0 })
  }
  package static var isRemembered: Bool { false }
  package func check() throws(Failure) {}
  package static var route: Route? { nil }
  package static var noun: Noun? { .session }

  /// - Throws: `Failure` when the role may not ask for this at all.
  package static func check(_ role: UserRole) throws(Failure) {
    guard !allowed.contains(Roles(role)) else { return }
    throw Failure(.forbidden, "`\(name)` is for \(allowed.text); you are \(role.article) \(role.name).")
  }
}

/// A set of roles.
package struct Roles: OptionSet, Sendable {
  package var rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  package init(_ role: UserRole) { rawValue = 1 << role.rawValue }

  package static let customer = Roles(.customer)
  package static let agent = Roles(.agent)
  package static let supervisor = Roles(.supervisor)
  package static let admin = Roles(.admin)
  package static let everybody: Roles = [.customer, .agent, .supervisor, .admin]
  package static let staff: Roles = [.agent, .supervisor, .admin]

  package var names: [String] { UserRole.allCases.filter { contains(Roles($0)) }.map(\.name) }

  /// "agents, supervisors and admins"
  package var text: String {
    let names = names.map { $0 + "s" }
    guard names.count > 1 else { return names.joined() + " alone" }
    return names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }
}

extension UserRole {
  fileprivate var article: String {
    switch self {
    case .agent, .admin: "an"
    case .customer, .supervisor: "a"
    }
  }
}

/// A method and a path of HTTP; a field of the same name stands in braces.
package struct Route: Hashable, Sendable {
  package enum Method: String, Sendable { case get = "GET", post = "POST" }
  package var method: Method
  package var path: String
  package init(_ method: Method, _ path: String) { (self.method, self.path) = (method, path) }

  /// The fields that stand in the path.
  package var fields: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
  }
}

/// What an operation is about: `switchboard session close`.
package enum Noun: String, Sendable, CaseIterable { case session, agent, desk, audit }

/// What an operation is answered with when it is not refused.
package enum AnswerKind: Sendable {
  case opened, joined, ack, ok, history
  /// The record that the query declares.
  case record
  /// It is not answered.
  case nothing
}

/// Who asks, and how far that one's word goes.
package struct Asker: Sendable {
  /// What the request is remembered by; may be empty where that is not needed.
  package var requestID: String
  package var entitlement: Entitlement
  /// Bytes of a message's body; 0: no limit.
  package var bodyBytes: Int
  package var role: UserRole
  /// Whether the state of the node that is asked is good enough for a query.
  package var isLocal = false
  /// Whether the connection that asks is there for longer than the answer; over HTTP it is not.
  package var stays = true
  /// What has to be so for an operation of a session to be carried out.
  package var expectation = Expectation.none
  package init(requestID: String, role: UserRole, entitlement: Entitlement, bodyBytes: Int) {
    (self.requestID, self.role) = (requestID, role)
    (self.entitlement, self.bodyBytes) = (entitlement, bodyBytes)
  }
}
