import Desk
import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite("A frame names the version that its session has to be of")
struct ExpectingTests {
  private static let session = SessionID(rawValue: 8192)
  private static let version = SessionVersion(rawValue: 0x00AB_CDEF_0123_4567)

  private static func expectations(_ harness: ConnectionHarness) -> [Desk.Expectation] {
    harness.requests().compactMap { request in
      if case .perform(let record) = request.body { record.expectation } else { nil }
    }
  }

  @Test("an operation of a session carries it in both forms, or expects nothing")
  func carried() {
    let expected = Desk.Expectation(versions: [Self.version])
    let text = ConnectionHarness.welcomed(Person(id: "sue", role: .supervisor, name: "Sue"))
    text.frame(
      Opcode.text,
      Array(#"{"type":"transfer","id":"t","session":"8192","skill":"tax","expecting":"00abcdef01234567"}"#.utf8)
    )
    text.frame(Opcode.text, Array(#"{"type":"close","id":"c","session":"8192"}"#.utf8))
    #expect(Self.expectations(text) == [expected, .none])

    let binary = ConnectionHarness.welcomedInBinary(Person(id: "sue", role: .supervisor, name: "Sue"))
    let fields = Transfer.fields.encode(Transfer(Self.session, to: .skill("tax")))
    binary.say(Transfer.frameType, id: "t", fields + Expecting.fields.encode(Expecting(version: Self.version)))
    binary.say(Transfer.frameType, id: "u", fields)
    #expect(Self.expectations(binary) == [expected, .none])
  }

  @Test(
    "what is no version is refused by its name, and nothing is asked",
    arguments: ["\"0\"", "7", "\"00ABCDEF01234567\"", "\"00abcdef0123456g\"", "[]"])
  func malformed(_ value: String) {
    let text = ConnectionHarness.welcomed(Person(id: "sue", role: .supervisor, name: "Sue"))
    text.frame(Opcode.text, Array(#"{"type":"close","id":"c","session":"8192","expecting":\#(value)}"#.utf8))
    let seen = text.seen()
    #expect(seen.count == 1 && seen[0].code == "bad_frame" && seen[0].said.contains("expecting"), "\(seen)")
    #expect(text.requests().isEmpty)
  }
}
