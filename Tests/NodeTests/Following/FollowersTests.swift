import Desk
import Protocol
import Testing

@testable import Replica

@Suite("Who follows a session")
struct FollowersTests {
  private let session = SessionID(rawValue: 4096)
  private let connection = ConnectionID(sink: 0, number: 1)
  private let ann = Person(id: "ann", role: .customer, name: "Ann")

  @Test("a connection follows once and is taken out with all its sessions when it goes")
  func comesAndGoes() {
    var followers = Followers()
    followers.arrived(connection, ann)
    let result1 = followers.follow(session, by: connection)
    #expect(result1)
    let result2 = followers.follow(session, by: connection)
    #expect(!result2)
    #expect(followers.connections(of: session) == [connection])
    let followed = followers.remove(connection)
    #expect(followed == [session])
    #expect(followers.connections(of: session) == [])
    #expect(followers.sessions == [])
  }

  @Test("an answer that comes after its connection has gone makes nobody a follower")
  func lateAnswer() {
    var followers = Followers()
    followers.arrived(connection, ann)
    followers.remove(connection)
    let result3 = followers.follow(session, by: connection)
    #expect(!result3)
    #expect(followers.connections(of: session) == [])
  }

  @Test("who may follow no longer is taken out, and nobody else")
  func dismissed() {
    var followers = Followers()
    let bob = Person(id: "bob", role: .agent, name: "Bob")
    let other = ConnectionID(sink: 1, number: 2)
    let elsewhere = SessionID(rawValue: 8192)
    followers.arrived(connection, ann)
    followers.arrived(other, bob)
    for session in [session, elsewhere] {
      for connection in [connection, other] { _ = followers.follow(session, by: connection) }
    }
    let dismissed = followers.dismiss(from: session) { $0.role == .customer }
    #expect(dismissed == [other])
    #expect(followers.connections(of: session) == [connection])
    #expect(followers.connections(of: elsewhere) == [connection, other])
    // Given back, it follows again.
    let again = followers.follow(session, by: other)
    #expect(again)
    followers.remove(other)
    #expect(followers.connections(of: session) == [connection])
  }
}
