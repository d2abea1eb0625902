import Testing

@testable import Kernel

@Suite("Bytes as hexadecimal digits")
struct HexadecimalTests {
  @Test("every byte comes back, in lower case and with both of its digits")
  func roundTrip() {
    let bytes = (0...255).map { UInt8($0) }
    let text = Hexadecimal.text(of: bytes)
    #expect(text.utf8.count == 512 && text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
    #expect(Hexadecimal.bytes(of: text) == bytes)
    #expect(Hexadecimal.text(of: []) == "" && Hexadecimal.bytes(of: "") == [])
  }

  @Test(
    "half a byte, upper case and what is no digit are no bytes",
    arguments: ["0", "abc", "0A", "0g", "-1", "0x", "é0", " 0"])
  func refused(_ text: String) {
    #expect(Hexadecimal.bytes(of: text) == nil)
  }
}
