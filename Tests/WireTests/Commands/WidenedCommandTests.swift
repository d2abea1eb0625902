import Desk
import Kernel
import Testing

@Suite("Commands in the widened form")
struct WidenedCommandTests {
  private static let raise = Submission(
    origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(.second)))
  private static let time = Submission(
    origin: Origin(server: ServerID(2), request: 0), command: .timePasses(TimePasses(limit: 3)))

  @Test("the bytes of an entry that raises the level: it names its level first")
  func golden() throws {
    let encoded = CommandCodec.encode([Self.raise])
    #expect(hex(encoded) == hex(bytes("02 02 01  0F 02 00  10 02 07  02 05 302E322E30")))
    #expect(try CommandCodec.decode(encoded) == [Self.raise])
    #expect(try CommandCodec.level(of: encoded) == .second)
  }

  @Test("the bytes of an entry that says who is gone, and who is back")
  func attendance() throws {
    let gone = Submission(
      origin: Origin(server: ServerID(2), request: 0),
      command: .attend(
        SetAttendance(
          session: SessionID(rawValue: 5), absence: .init(epoch: Epoch(3), queueGrace: 7, openGrace: 0))))
    let back = Submission(
      origin: Origin(server: ServerID(2), request: 9),
      command: .attend(SetAttendance(session: SessionID(rawValue: 5), absence: nil)))
    let encoded = CommandCodec.encode([gone, back])
    #expect(hex(encoded) == hex(bytes("02 02 02  0F 02 00  11 02 05  05 01 03 07 00  1F 09  11 02 02  05 00")))
    #expect(try CommandCodec.decode(encoded) == [gone, back])
  }

  @Test("what releases of level 1 read stays as it was, to the byte")
  func firstLevel() throws {
    let encoded = CommandCodec.encode([Self.time])
    #expect(hex(encoded) == hex(bytes("01 01  09 02 00  03")))
    #expect(try CommandCodec.level(of: encoded) == .first)
  }

  @Test("an entry of both kinds of commands names the higher level, and the bytes of the old ones are the same")
  func mixed() throws {
    let encoded = CommandCodec.encode([Self.time, Self.raise, Self.time])
    #expect(hex(encoded) == hex(bytes("02 02 03  09 02 00 03  1F 00 10 02 07 02 05 302E322E30  19 00 03")))
    #expect(try CommandCodec.decode(encoded) == [Self.time, Self.raise, Self.time])
  }

  @Test("an entry above what this build reads is told from its first bytes")
  func newer() {
    let entry = bytes("02 63 01 FF FF FF")
    #expect((try? CommandCodec.level(of: entry)) == Level(99))
    let failure = #expect(throws: DecodingFailure.self) { try CommandCodec.decode(entry) }
    #expect("\(failure.map { "\($0)" } ?? "")".contains("level 99"))
  }

  @Test(
    "what no build writes is refused",
    arguments: [
      "01 01  0F 02 00  10 02 07  02 05 302E322E30",  // a widened command in an entry of version 1
      "02 01 01  09 02 00  03",  // version 2 of level 1
      "02 02 01  0F 02 00  10 02 08  02 05 302E322E30 00",  // more fields than it has
      "02 02 01  0F 02 00  10 03 07  02 05 302E322E30",  // another level than it has
      "02 02 01  2F 02 00  10 02 07  02 05 302E322E30",  // a shared person
      "02 02 01  0F 02 00  12 02 00",  // a number that is not known
      "02 02 01  0F 02 00  10 02 7F  02",  // a length that is not there
      "03 01  09 02 00  03",  // another version
      "02", "02 80", "",
    ])
  func hostile(_ text: String) {
    #expect(throws: DecodingFailure.self) { try CommandCodec.decode(bytes(text)) }
  }
}
