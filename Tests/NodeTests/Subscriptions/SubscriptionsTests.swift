import Desk
import Protocol
import Testing

@testable import Node

@Suite("Who follows a session")
struct SubscriptionsTests {
  private let session = SessionID(rawValue: 4096)
  private let connection = ConnectionID(sink: 0, number: 1)
  private let ann = Person(id: "ann", role: .customer, name: "Ann")

  @Test("a connection follows once and is taken out with all its sessions when it goes")
  func comesAndGoes() {
    var subscriptions = Subscriptions()
    subscriptions.arrived(connection, ann)
    let result1 = subscriptions.follow(session, by: connection)
    #expect(result1)
    let result2 = subscriptions.follow(session, by: connection)
    #expect(!result2)
    #expect(subscriptions.connections(of: session) == [connection])
    let followed = subscriptions.remove(connection)
    #expect(followed == [session])
    #expect(subscriptions.connections(of: session) == [])
    #expect(subscriptions.sessions == [])
  }

  @Test("an answer that comes after its connection has gone makes nobody a follower")
  func lateAnswer() {
    var subscriptions = Subscriptions()
    subscriptions.arrived(connection, ann)
    subscriptions.remove(connection)
    let result3 = subscriptions.follow(session, by: connection)
    #expect(!result3)
    #expect(subscriptions.connections(of: session) == [])
  }

  @Test("who may follow no longer is taken out, and nobody else")
  func dismissed() {
    var subscriptions = Subscriptions()
    let bob = Person(id: "bob", role: .agent, name: "Bob")
    let other = ConnectionID(sink: 1, number: 2)
    let elsewhere = SessionID(rawValue: 8192)
    subscriptions.arrived(connection, ann)
    subscriptions.arrived(other, bob)
    for session in [session, elsewhere] {
      for connection in [connection, other] { _ = subscriptions.follow(session, by: connection) }
    }
    let dismissed = subscriptions.dismiss(from: session) { $0.role == .customer }
    #expect(dismissed == [other])
    #expect(subscriptions.connections(of: session) == [connection])
    #expect(subscriptions.connections(of: elsewhere) == [connection, other])
    // Given back, it follows again.
    let again = subscriptions.follow(session, by: other)
    #expect(again)
    subscriptions.remove(other)
    #expect(subscriptions.connections(of: session) == [connection])
  }
}
