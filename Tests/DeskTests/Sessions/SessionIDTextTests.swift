import Desk
import Testing

@Suite("Session ids as text")
struct SessionIDTextTests {
  @Test(
    "an id is its number in decimal digits",
    arguments: [(1, "1"), (31, "31"), (17 << 12, "69632"), (.max, "18446744073709551615")] as [(UInt64, String)]
  )
  func spelling(value: UInt64, text: String) {
    #expect(SessionID(rawValue: value).description == text)
    #expect(SessionID(text: text) == SessionID(rawValue: value))
    #expect(SessionID(text: text[...])?.rawValue == value)
    #expect(Array(text.utf8).withUnsafeBytes { SessionID(bytes: $0) }?.rawValue == value)
  }

  @Test(
    "any other spelling is refused",
    arguments: [
      "", "0", "01", "+1", "-1", " 1", "1 ", "1a", "s1", "18446744073709551616", "99999999999999999999", "１",
      "1\u{0}",
    ])
  func refused(text: String) { #expect(SessionID(text: text) == nil) }

  @Test("every id comes back from its text", arguments: SplitMix.seeds)
  func roundTrip(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<500 {
      let id = SessionID(rawValue: random.next() >> UInt64.random(in: 0...63, using: &random) | 1)
      #expect(SessionID(text: id.description) == id)
    }
  }

  @Test("an id is the entry's index and the place in it, as far as there is room")
  func parts() {
    #expect(SessionID(index: 7, place: 3)?.rawValue == 7 * 4096 + 3)
    #expect(SessionID(index: 7, place: 4096) == nil)
    #expect(SessionID(index: 7, place: -1) == nil)
    #expect(SessionID(index: 1 << 42, place: 0) == nil)
    #expect(SessionID(index: 1 << 42 - 1, place: 4095)?.rawValue == 1 << 54 - 1)
    #expect(SessionID(index: 1 << 42 - 1, place: 4095, desk: DeskNumber(1_023))?.rawValue == .max)
    #expect(SessionID(index: 7, place: 3, desk: DeskNumber(1_023))?.desk == DeskNumber(1_023))
    #expect(SessionID(index: 7, place: 3, desk: DeskNumber(1_024)) == nil)
  }
}
