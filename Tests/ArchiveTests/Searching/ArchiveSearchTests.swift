import Desk
import Testing

@testable import Archive

@Suite("Searching the archive")
struct ArchiveSearchTests {
  private let place = Place()

  /// All that is found, page by page.
  private func all(
    _ reader: ArchiveReader, _ text: String, _ scope: SearchScope, limit: Int = 3
  ) throws -> [SearchHit] {
    var hits: [SearchHit] = []
    var cursor: SearchCursor?
    repeat {
      let page = try reader.search(SearchQuery(text), in: scope, after: cursor, limit: limit)
      #expect(page.hits.count <= limit)
      hits += page.hits
      cursor = page.next
    } while cursor != nil
    return hits
  }

  /// Sentences of parts that people write in a chat with a shop.
  private static func corpus(_ count: Int) -> [String] {
    let parts = [
      "我想退货", "订单号码是", "什么时候发货", "房间的空调坏了", "孩子发烧了", "前台没有人", "谢谢您的帮助", "请问怎么付款", "收到的商品是坏的", "可以换一个颜色吗",
      "物流一直没有更新",
      "优惠券不能使用", "账户被锁定了", "密码忘记了", "发票开错了", "地址需要修改", "客服电话打不通", "服务员态度很好", "早餐不错", "交通方便",
      "my order 4711", "refund please", "it never arrived", "Thanks a lot!", "iPhone15", "USB-C",
    ]
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var texts: [String] = []
    for _ in 0..<count {
      var some: [String] = []
      for _ in 0...next(3) { some.append(parts[next(parts.count)]) }
      texts.append(some.joined(separator: next(2) == 0 ? "，" : " "))
    }
    return texts
  }

  @Test("every word of two characters that a message has is found there, as reading all of them would")
  func recall() throws {
    let writer = try ArchiveWriter(place.path)
    let texts = Self.corpus(2_000)
    var talks: [Talk] = []
    for number in 0..<20 {
      var talk = Talk(UInt64(number + 1), Array(texts[(number * 100)..<(number * 100 + 100)]))
      talk.openedAt += UInt64(number) * 10_000_000
      talks.append(talk)
    }
    try writer.write(talks.flatMap(\.rows), upTo: 1)
    let reader = try ArchiveReader(place.path)
    var pairs: Set<String> = []
    for text in texts {
      let letters = Array(text)
      for (first, second) in zip(letters, letters.dropFirst())
      where !first.isASCII && !second.isASCII && first != "，" && second != "，" {
        pairs.insert(String([first, second]))
      }
    }
    #expect(pairs.count > 80)
    for pair in pairs.sorted() {
      let expected = texts.filter { $0.contains(pair) }.count
      #expect(try all(reader, pair, .desk(.main), limit: 100).count == expected, "\(pair)")
    }
    for word in ["货", "refund", "arriv*", "IPHONE15", "4711"] {
      let plain = word.lowercased().filter { $0 != "*" }
      let expected = texts.filter { $0.lowercased().contains(plain) }.count
      #expect(try all(reader, word, .desk(.main), limit: 100).count == expected, "\(word)")
    }
    writer.close()
  }

  @Test("hits come newest first over months, each once, whatever the size of a page")
  func order() throws {
    let writer = try ArchiveWriter(place.path)
    let talks = (0..<30).map { number in
      Talk(UInt64(number + 1), (0..<70).map { "needle \(number) \($0)" }).changed {
        $0.openedAt += UInt64(number) * 100_000_000
      }
    }
    // Written in another order than they were said, as an archive is that is filled later.
    for talk in talks.reversed() { try writer.write(talk.rows, upTo: 1) }
    let reader = try ArchiveReader(place.path)
    let expected = talks.reversed().flatMap { $0.messages.reversed().map(\.sequence.rawValue) }
    for limit in [1, 7, 64, 100] {
      let hits = try all(reader, "needle", .desk(.main), limit: limit)
      #expect(hits.map(\.sequence.rawValue) == expected, "pages of \(limit)")
      #expect(hits.map(\.session) == talks.reversed().flatMap { talk in talk.texts.map { _ in talk.id } })
    }
    writer.close()
  }

  @Test("a place that no page has given ends no program")
  func hostilePlaces() throws {
    let writer = try ArchiveWriter(place.path)
    try writer.write(Talk(1, ["needle"]).rows, upTo: 1)
    let reader = try ArchiveReader(place.path)
    let query = try SearchQuery("needle")
    for month in ["2026-11", "2026-12", "", "9999999999999-12", "99999999999999999999-12", "-1-11"] {
      for row in [Int64.min, -1, 0, .max] {
        for sequence in [UInt64(0), 1, .max] {
          let cursor = SearchCursor(month: month, row: row, sequence: sequence)
          #expect(try reader.search(query, in: .desk(.main), after: cursor, limit: 10).hits.count <= 1)
        }
      }
    }
    let far = ArchivedSessionCursor(closedAt: .max, session: SessionID(rawValue: .max))
    #expect(try reader.sessions(ArchivedSessionFilter(desk: .main), before: far, limit: 10).sessions.count == 1)
    writer.close()
  }

  @Test("nothing of another desk is found, and of persons only what they had a part in")
  func scopes() throws {
    let writer = try ArchiveWriter(place.path)
    let desk = DeskNumber(5)
    let mine = Talk(1, ["needle", "answer needle"])
    let others = Talk(2, ["needle"]).changed { ($0.customer, $0.agents) = ("cid", ["dan"]) }
    let elsewhere = Talk(3, ["needle"]).changed { $0.desk = desk }
    // Somebody who served and said nothing; a customer with the name of an agent.
    let silent = Talk(4, ["needle"]).changed { ($0.customer, $0.agents) = ("ben", ["eve"]) }
    try writer.write((mine.rows + others.rows + elsewhere.rows + silent.rows), upTo: 1)
    let reader = try ArchiveReader(place.path)
    func found(_ scope: SearchScope) throws -> Set<SessionID> {
      Set(try all(reader, "needle", scope).map(\.session))
    }
    #expect(try found(.desk(.main)) == [mine.id, others.id, silent.id])
    #expect(try found(.desk(desk)) == [elsewhere.id])
    #expect(try found(.desk(DeskNumber(6))).isEmpty)
    #expect(try found(.customer(.main, "ann")) == [mine.id])
    #expect(try found(.customer(desk, "ann")) == [elsewhere.id])
    #expect(try found(.staff(.main, "ben")) == [mine.id])
    #expect(try found(.staff(.main, "eve")) == [silent.id])
    #expect(try found(.customer(.main, "ben")) == [silent.id])
    #expect(try found(.staff(desk, "dan")).isEmpty)
    writer.close()
  }

  @Test("an agent of a long session finds what was said in the month before he came")
  func scopeOverMonths() throws {
    let writer = try ArchiveWriter(place.path)
    let talk = Talk(1, (0..<100).map { "needle \($0)" }).changed {
      ($0.openedAt, $0.step, $0.agents) = ($0.openedAt - 70 * 900_000, 900_000, ["ben", "zoe"])
    }
    for row in talk.rows { try writer.write([row], upTo: 1) }
    let reader = try ArchiveReader(place.path)
    #expect(try reader.figures().months.map(\.messages) == [64, 36])
    #expect(try all(reader, "needle", .staff(.main, "zoe"), limit: 50).count == 100)
    #expect(try all(reader, "needle", .staff(.main, "kim"), limit: 50).isEmpty)
    writer.close()
  }

  @Test("someone with many conversations is searched by the index, and the work of a page has a bound")
  func bounds() throws {
    let writer = try ArchiveWriter(place.path)
    let talks = (0..<4_200).map { number in
      Talk(UInt64(number + 1), [number % 100 == 0 ? "needle" : "hay"]).changed {
        $0.openedAt += UInt64(number) * 1_000
        $0.agents = number % 300 == 0 ? ["dan"] : number % 3 == 0 ? ["eve"] : ["ben"]
      }
    }
    try writer.write(talks.flatMap(\.rows), upTo: 1)
    // The words are all in the chunk, and in no message together.
    let apart = (0..<900).map { number in
      Talk(UInt64(number + 5_000), ["red", "green"]).changed {
        ($0.customer, $0.openedAt) = ("kim", $0.openedAt + 50_000_000 + UInt64(number))
      }
    }
    try writer.write(apart.flatMap(\.rows), upTo: 2)
    let reader = try ArchiveReader(place.path)
    // A few conversations of 14, 1,386, 2,800 and all.
    #expect(try all(reader, "needle", .staff(.main, "dan")).count == 14)
    #expect(try all(reader, "needle", .staff(.main, "eve")).isEmpty)
    #expect(try all(reader, "hay", .staff(.main, "eve"), limit: 100).count == 1_386)
    #expect(try all(reader, "needle", .staff(.main, "ben")).count == 28)
    #expect(try all(reader, "needle", .customer(.main, "ann"), limit: 100).count == 42)
    let first = try reader.search(SearchQuery("red green"), in: .desk(.main), limit: 10)
    #expect(first.hits.isEmpty && first.next != nil)
    #expect(try all(reader, "red green", .desk(.main)).isEmpty)
    writer.close()
  }

  @Test(
    "a snippet has the place that was found, at the beginning, in the middle and at the end of a long message")
  func snippets() throws {
    let writer = try ArchiveWriter(place.path)
    let filling = String(repeating: "长长的文字，", count: 100)
    let texts = ["Refund " + filling, filling + "我要ＲＥＦＵＮＤ了" + filling, filling + "refund", "reﬁll"]
    try writer.write(Talk(1, texts).rows, upTo: 1)
    let reader = try ArchiveReader(place.path)
    let hits = try all(reader, "refund", .desk(.main))
    #expect(hits.count == 3)
    for hit in hits {
      let bytes = Array(hit.snippet.utf8)
      #expect(
        FoldedText(String(decoding: bytes[hit.place], as: UTF8.self)).letters == FoldedText("refund").letters)
      #expect(hit.snippet.count <= SearchHit.mostCharacters)
      #expect(!hit.snippet.contains("\u{FFFD}"))
      #expect(texts.contains { $0.contains(hit.snippet) })
    }
    #expect(try all(reader, "refill", .desk(.main)).map(\.snippet) == ["reﬁll"])
    writer.close()
  }
}
