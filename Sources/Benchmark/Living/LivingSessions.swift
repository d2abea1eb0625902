import Certificates
import NIOCore
import Verifier

/// Customers with very many conversations each, all open, with some messages in each.
final class LivingSessions: Crowd, @unchecked Sendable {
  static let customers = 200
  /// Requests of one customer that wait for their answers.
  private static let atOnce = 16

  private struct Customer {
    var sessions: [String] = []
    var asked = 0
    var said = 0
    var waiting = 0
  }

  private var customers: [Customer] = []
  private var perCustomer = 0
  private var perSession = 0
  private let texts: [String]
  private(set) var failures: [String: Int] = [:]

  override init(urls: [String], trust: ClientTrust? = nil, loop: any EventLoop) {
    var source = HistoryTexts(seed: 11)
    texts = (0..<1_000).map { _ in source.message() }
    super.init(urls: urls, trust: trust, loop: loop)
  }

  /// Opens `sessions`, and says so much in each.
  func live(sessions: Int, messages: Int, token: (Int) async throws -> String) async throws {
    for number in 0..<Self.customers { add(CrowdMember.Role(token: try await token(number)), at: number) }
    try await connect(0..<Self.customers)
    try await onLoop { [self] in
      customers = Array(repeating: Customer(), count: Self.customers)
      (perCustomer, perSession) = (sessions / Self.customers, messages)
      for member in members { goOn(member) }
    }
    try await until("in \(sessions) sessions with \(messages) messages each", seconds: 900) {
      ($0 as? LivingSessions)?.isDone ?? true
    }
  }

  private var isDone: Bool {
    customers.allSatisfy { $0.waiting == 0 && $0.said == perCustomer * perSession } || failures.count > 10
  }

  private func goOn(_ member: CrowdMember) {
    let place = member.number
    while customers[place].waiting < Self.atOnce {
      if customers[place].asked < perCustomer {
        customers[place].asked += 1
        customers[place].waiting += 1
        member.open(id: "o\(place)-\(customers[place].asked)")
      } else if customers[place].sessions.count == perCustomer, customers[place].said < perCustomer * perSession
      {
        let number = customers[place].said
        customers[place].said += 1
        customers[place].waiting += 1
        member.send(
          texts[number % texts.count], to: customers[place].sessions[number % perCustomer],
          id: "m\(place)-\(number)")
      } else {
        return
      }
    }
  }

  override func opened(_ member: CrowdMember, session: String) {
    customers[member.number].sessions.append(session)
    answered(member)
  }

  override func acknowledged(_ member: CrowdMember, id: String) { answered(member) }

  override func failed(_ member: CrowdMember, id: String, reason: String) {
    failures[reason, default: 0] += 1
    answered(member)
  }

  private func answered(_ member: CrowdMember) {
    customers[member.number].waiting -= 1
    goOn(member)
  }
}
