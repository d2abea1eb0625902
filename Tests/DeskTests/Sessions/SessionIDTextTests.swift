import Desk
import Testing

@Suite("Session ids as text")
struct SessionIDTextTests {
  @Test(
    "an id has the spelling that the protocol says",
    arguments: [
      (0, "s0"), (1, "s1"), (31, "sz"), (32, "s10"), (4096, "s400"), (17 << 12, "s2400"),
      (.max, "sfzzzzzzzzzzzz"),
    ] as [(UInt64, String)])
  func spelling(value: UInt64, text: String) {
    #expect(SessionID(rawValue: value).description == text)
    #expect(SessionID(text) == SessionID(rawValue: value))
    #expect(SessionID(text[...])?.rawValue == value)
  }

  @Test(
    "any other spelling is refused",
    arguments: [
      "", "s", "1", "S1", "s01", "s00", "sI", "si", "sl", "so", "su", "sA", "s1 ", " s1", "s-1",
      "sgzzzzzzzzzzzz",
      "s10000000000000", "s1\u{0}", "sé", "ss\u{301}", "x1",
    ])
  func refused(text: String) { #expect(SessionID(text) == nil) }

  @Test("every id comes back from its text", arguments: SplitMix.seeds)
  func roundTrip(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<500 {
      let id = SessionID(rawValue: random.next() >> UInt64.random(in: 0...63, using: &random))
      #expect(SessionID(id.description) == id)
    }
  }

  @Test("an id is the entry's index and the place in it, as far as there is room")
  func parts() {
    #expect(SessionID(index: 7, place: 3)?.rawValue == 7 * 4096 + 3)
    #expect(SessionID(index: 7, place: 4096) == nil)
    #expect(SessionID(index: 7, place: -1) == nil)
    #expect(SessionID(index: 1 << 52, place: 0) == nil)
    #expect(SessionID(index: 1 << 52 - 1, place: 4095)?.rawValue == .max)
  }
}
