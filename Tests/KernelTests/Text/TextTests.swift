import Kernel
import Testing

@Suite("Text by its bytes")
struct TextBytesTests {
  @Test("spellings of the same characters are different texts")
  func spellings() {
    let composed = "caf\u{E9}"
    let decomposed = "cafe\u{301}"
    #expect(composed == decomposed, "as Swift compares")
    #expect(!composed.hasSameBytes(as: decomposed))
    #expect(TextKey(composed) != TextKey(decomposed))
    #expect(Set([TextKey(composed), TextKey(decomposed), TextKey("caf\u{E9}")]).count == 2)
    // The same number of bytes, and still another spelling: marks in another order.
    #expect("a\u{323}\u{307}" == "a\u{307}\u{323}")
    #expect(!"a\u{323}\u{307}".hasSameBytes(as: "a\u{307}\u{323}"))
  }

  @Test("texts of all lengths are compared to their last byte, and stand in the order of their bytes")
  func lengths() {
    for length in 0...40 {
      let text = String(repeating: "x", count: length)
      #expect(text.hasSameBytes(as: String(repeating: "x", count: length)))
      #expect(!text.hasSameBytes(as: text + "x"))
      #expect(text.bytesPrecede(text + "\u{0}") && !(text + "a").bytesPrecede(text))
      for place in 0..<length {
        var other = Array(text.utf8)
        other[place] = UInt8(ascii: "y")
        let changed = String(decoding: other, as: UTF8.self)
        #expect(!text.hasSameBytes(as: changed))
        #expect(text.bytesPrecede(changed) && !changed.bytesPrecede(text))
      }
    }
    #expect("z".bytesPrecede("\u{E9}") && "e\u{301}".bytesPrecede("z"))
    let names = ["b", "a", "ab", "", "B", "a b"]
    #expect(names.sorted() == names.map(TextKey.init).sorted().map(\.text), "ASCII stands as it always did")
  }
}

@Suite("Texts that are no names")
struct NameFaultTests {
  @Test(
    "each says what is wrong with it",
    arguments: [
      ("a\u{0}", "control character (U+0000)"), ("a\nb", "control character (U+000A)"),
      ("\u{7F}", "control character (U+007F)"), ("\u{85}", "control character (U+0085)"),
      ("a\u{2028}", "control character (U+2028)"), ("\u{202E}a", "direction of writing (U+202E)"),
      ("a\u{200F}b", "direction of writing (U+200F)"), ("a\u{2066}b", "direction of writing (U+2066)"),
      ("a\u{61C}b", "direction of writing (U+061C)"), ("a\u{200B}b", "invisible character (U+200B)"),
      ("a\u{200D}b", "invisible character (U+200D)"), ("\u{FEFF}a", "invisible character (U+FEFF)"),
      ("a\u{AD}b", "invisible character (U+00AD)"), ("a\u{E0041}", "invisible character (U+E0041)"),
    ])
  func faults(_ text: String, _ words: String) throws {
    #expect(try #require(NameFault.inIdentity(text)).description.contains(words))
    #expect(try #require(NameFault.inShownName(text)).description.contains(words))
  }

  @Test(
    "an identity is stricter than a shown name",
    arguments: [
      "a\u{FE0F}", "a\u{34F}b", "\u{3164}", "a\u{115F}", "\u{2800}", " a", "a ", "a\u{A0}b", "a\u{2003}b",
      "a\u{3000}", "a\u{FFFE}",
    ])
  func identities(_ text: String) {
    #expect(NameFault.inIdentity(text) != nil)
    #expect(NameFault.inShownName(text) == nil)
  }

  @Test(
    "names of all scripts are names",
    arguments: [
      "", "ben", "Ben the 2nd", "Bj\u{F6}rn", "李小龙", "Ольга", "สมชาย", "मोहन", "محمد", "דוד", "o'neil@x.org",
    ])
  func names(_ text: String) {
    #expect(NameFault.inIdentity(text) == nil)
    #expect(NameFault.inShownName(text) == nil)
  }
}
