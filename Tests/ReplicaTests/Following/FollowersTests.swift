import Desk
import Testing

@testable import Replica

@Suite("Who follows a session")
struct FollowersTests {
  private let session = SessionID(rawValue: 4096)
  private let connection = ConnectionID(sink: 0, number: 1)

  @Test("a connection follows once and is taken out with all its sessions when it goes")
  func comesAndGoes() {
    var followers = Followers()
    followers.arrived(connection)
    let result1 = followers.follow(session, by: connection)
    #expect(result1)
    let result2 = followers.follow(session, by: connection)
    #expect(!result2)
    #expect(followers.connections(of: session) == [connection])
    followers.remove(connection)
    #expect(followers.connections(of: session) == [])
    #expect(followers.sessions == [])
  }

  @Test("an answer that comes after its connection has gone makes nobody a follower")
  func lateAnswer() {
    var followers = Followers()
    followers.arrived(connection)
    followers.remove(connection)
    let result3 = followers.follow(session, by: connection)
    #expect(!result3)
    #expect(followers.connections(of: session) == [])
  }
}
