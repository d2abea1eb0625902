import Desk
import Testing

@Suite("Copies of the state")
struct CopyTests {
  @Test("a copy stays as it was while the original goes on")
  func independent() {
    var desk = Desk()
    desk.status("bob", capacity: 2)
    let ids = (0..<5).map { desk.open("c\($0)") }
    for number in 0..<70 { desk.send(ids[0], "m\(number)", by: .customer("c0")) }
    let copy = desk.state
    let before = copy.encodedSnapshot()
    for number in 70..<140 { desk.send(ids[0], "m\(number)", by: .customer("c0")) }
    desk.close(ids[1], by: .customer("c1"))
    desk.status("bob", .offline)
    desk.apply(.serverLost(ServerLost(server: Desk.one, heirs: [Desk.two])))
    #expect(copy.encodedSnapshot() == before && copy.checkInvariants().isEmpty)
    #expect(copy.session(ids[0])?.sequence == Sequence(70))
    #expect(desk.state.session(ids[0])?.sequence == Sequence(140))
    #expect(copy.stored(ids[0], messageID: "m100", by: .customer("alice")) == nil)
  }
}
