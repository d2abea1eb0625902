import Kernel
import Raft
import Testing

@testable import Node

@Suite("Who is taken for lost")
struct ServerWatchTests {
  private let peer = NodeID(2)
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

  private func isLost(_ watch: inout ServerWatch, isConnected: Bool, heard: Int64, now: Int64) -> Bool {
    watch.isGone(
      peer, isConnected: isConnected, lastHeard: at(heard), now: at(now), patience: ServerPatience())
      && watch.mayDeclare(peer, now: at(now), pause: .seconds(1))
  }

  @Test("a process whose port refuses is lost soon, one that is only disconnected later")
  func downLinks() {
    var watch = ServerWatch()
    watch.begin(start)
    watch.linkDown(peer, refused: false, at: at(0))
    let result1 = isLost(&watch, isConnected: false, heard: 0, now: 300)
    #expect(!result1)
    let result2 = isLost(&watch, isConnected: false, heard: 0, now: 700)
    #expect(result2)
    var refused = ServerWatch()
    refused.begin(start)
    refused.linkDown(peer, refused: true, at: at(0))
    let result3 = isLost(&refused, isConnected: false, heard: 0, now: 50)
    #expect(!result3)
    let result4 = isLost(&refused, isConnected: false, heard: 0, now: 150)
    #expect(result4)
  }

  @Test("a server that is reached and heard from is not lost, though one of its connections ended")
  func oneConnectionEnds() {
    var watch = ServerWatch()
    watch.begin(start)
    watch.linkDown(peer, refused: false, at: at(0))
    let result5 = isLost(&watch, isConnected: true, heard: 600, now: 700)
    #expect(!result5)
    let result6 = isLost(&watch, isConnected: true, heard: 1_900, now: 2_000)
    #expect(!result6)
  }

  @Test("a connected server that is silent for long is lost")
  func frozen() {
    var watch = ServerWatch()
    watch.begin(start)
    let result7 = isLost(&watch, isConnected: true, heard: 0, now: 2_000)
    #expect(!result7)
    let result8 = isLost(&watch, isConnected: true, heard: 0, now: 3_000)
    #expect(result8)
  }

  @Test("a new leader counts silence from its election, not from what it heard as a follower")
  func newLeader() {
    var watch = ServerWatch()
    watch.begin(at(10_000))
    let result9 = isLost(&watch, isConnected: true, heard: 0, now: 11_000)
    #expect(!result9)
  }

  @Test("a loss is declared once a second at most")
  func declaredOnce() {
    var watch = ServerWatch()
    watch.begin(start)
    watch.linkDown(peer, refused: true, at: at(0))
    let result10 = isLost(&watch, isConnected: false, heard: 0, now: 200)
    #expect(result10)
    let result11 = isLost(&watch, isConnected: false, heard: 0, now: 700)
    #expect(!result11)
    let result12 = isLost(&watch, isConnected: false, heard: 0, now: 1_300)
    #expect(result12)
  }

  @Test(
    "who was declared lost is still gone until it is back, and is not declared again while the command is under way"
  )
  func goesOn() {
    var watch = ServerWatch()
    watch.begin(start)
    watch.linkDown(peer, refused: true, at: at(0))
    func isGone(_ watch: inout ServerWatch, now: Int64, isConnected: Bool = false) -> Bool {
      watch.isGone(
        peer, isConnected: isConnected, lastHeard: at(now), now: at(now), patience: ServerPatience())
    }
    let first = isLost(&watch, isConnected: false, heard: 0, now: 200)
    let still = isGone(&watch, now: 900)
    #expect(first && still)
    watch.wasDeclared(peer, at: at(900))
    let again = isLost(&watch, isConnected: false, heard: 0, now: 1_800)
    #expect(!again)
    watch.linkUp(peer)
    let back = isGone(&watch, now: 1_900, isConnected: true)
    #expect(!back)
  }
}
