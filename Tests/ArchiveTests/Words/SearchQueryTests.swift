import Testing

@testable import Archive

@Suite("What a search compares")
struct SearchQueryTests {
  private func has(_ text: String, _ query: String) throws -> Bool {
    try SearchQuery(query).place(in: FoldedText(text)) != nil
  }

  @Test(
    "case, accents, width and traditional characters make no difference, either way",
    arguments: [
      ("Refund please", "REFUND"), ("café crème", "cafe creme"), ("cafe creme", "CAFÉ"),
      ("ｉＰｈｏｎｅ １５", "iphone 15"),
      ("iphone 15", "ＩＰＨＯＮＥ"), ("我要退貨，謝謝", "退货"), ("我要退货", "退貨"), ("訂單號碼", "订单号码"), ("ｶﾞｽ料金", "ガス"),
      ("ガス料金", "ｶﾞｽ"), ("e\u{301}cole", "école"), ("Straße", "straße"), ("ПРИВЕТ", "привет"), ("㎏", "kg"),
    ])
  func same(text: String, query: String) throws { #expect(try has(text, query)) }

  @Test(
    "a word is found whole, by its beginning with a star, and characters wherever they stand together",
    arguments: [
      ("the refund came", "refund", true), ("the refunds came", "refund", false),
      ("the refunds came", "refu*", true),
      ("the refunds came", "re*", false), ("unrefunded", "refund*", false), ("房间的空调坏了", "空调", true),
      ("空的调子", "空调", false), ("房间的空调坏了", "调", true), ("空调 refund", "refund 空调", true),
      ("空调", "空调 refund", false),
      ("手机iPhone15坏了", "iphone15 坏了", true),
    ])
  func words(text: String, query: String, isFound: Bool) throws { #expect(try has(text, query) == isFound) }

  @Test("nothing that is typed reaches the index but words in quotes")
  func expression() throws {
    let query = try SearchQuery("\"NEAR(a b)\" OR tokens:x* - 退货 贵 ref*")
    #expect(
      query.expression(facet: "d0")
        == "\"\u{E000}d0\" AND \"near\" AND \"a\" AND \"b\" AND \"or\" AND \"tokens\" AND \"x\" AND \"退货\" AND \"贵\" * "
        + "AND \"ref\" *")
  }

  @Test("a question without any word, and one with too many, is refused")
  func faults() {
    #expect(throws: SearchQuery.Fault.empty) { try SearchQuery(" *\"()! ") }
    #expect(throws: SearchQuery.Fault.tooLong) {
      try SearchQuery((0..<17).map { "w\($0)" }.joined(separator: " "))
    }
    #expect(throws: SearchQuery.Fault.tooLong) { try SearchQuery(String(repeating: "好", count: 257)) }
    #expect(throws: SearchQuery.Fault.tooLong) { try SearchQuery(String(repeating: " ", count: 100_000) + "a") }
  }

  @Test("bytes that are no text separate words, and end nothing")
  func noText() throws {
    var folded = FoldedText()
    folded.fold([0xFF, 0x61, 0xC0, 0x80, 0x62, 0xED, 0xA0, 0x80, 0xE9, 0x80, 0xE4, 0xB8])
    #expect(folded.letters.filter(\.isWord).map(\.scalar) == [0x61, 0x62])
    #expect(folded.letters.count == folded.places.count)
  }
}
