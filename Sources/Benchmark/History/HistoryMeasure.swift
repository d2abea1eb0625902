import Archive
import Desk
import Foundation

/// An archive of many closed sessions: how fast it is written with its index of words, what it takes on disk, and how long its
/// reads take, beside a table of messages in SQLite alone.
struct HistoryMeasure {
  static let perSession = 20
  private static let start: UInt64 = 1_793_491_200_000
  let directory: String
  let messages: Int
  private var texts = HistoryTexts(seed: 1)

  init(directory: String, messages: Int) { (self.directory, self.messages) = (directory, messages) }

  mutating func run(_ report: inout BenchmarkReport) throws {
    let place = directory + "/history"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let archive = place + "/archive"
    let writer = try ArchiveWriter(archive)
    var plain = try PlainTable(place + "/plain.sqlite")
    var ids: [SessionID] = []
    var text = 0
    var (own, alone) = (Duration.zero, Duration.zero)
    var index: UInt64 = 0
    while ids.count * Self.perSession < messages {
      // As much as comes in some seconds.
      var rows: [ArchiveRow] = []
      var batch: [(SessionID, [Message])] = []
      for _ in 0..<250 {
        index += 1
        guard let id = SessionID(index: index, place: 0) else { continue }
        let (said, chunk, record) = try conversation(id)
        text += said.reduce(0) { $0 + $1.body.count }
        rows += [.chunk(chunk, RowOrigin(index)), .session(record, RowOrigin(index))]
        batch.append((id, said))
        ids.append(id)
      }
      let clock = ContinuousClock()
      own += try clock.measure { try writer.write(rows, upTo: index) }
      alone += try clock.measure { try plain.write(batch) }
    }
    writer.close()
    let written = ids.count * Self.perSession
    let clock = ContinuousClock()
    let begun = clock.now
    let again = try ArchiveWriter(archive)
    defer { again.close() }
    let reader = try ArchiveReader(archive)
    defer { reader.close() }
    let opening = clock.now - begun
    let size = try reader.figures().fileBytes
    let seconds = own / .seconds(1)
    report.rows.append(
      BenchmarkReport.Row(
        name: "history: messages written with the index of words", value: Double(written) / seconds, unit: "/s",
        isLessBetter: false,
        details: [
          "messages": Double(written), "disk_by_text": Double(size) / Double(text),
          "table_alone": Double(written) / (alone / .seconds(1)),
        ], ratio: nil))
    try reads(reader, plain, ids, &report)
    once("opened", opening, [:], &report)
    try ends(again, reader, index, &report)
  }

  /// What is seldom done, and must not take long.
  private func ends(
    _ writer: ArchiveWriter, _ reader: ArchiveReader, _ index: UInt64, _ report: inout BenchmarkReport
  ) throws {
    let clock = ContinuousClock()
    let customer = ErasedCustomer(desk: .main, customer: "customer-1", index: index + 1, time: 0)
    let erasing = try clock.measure { try writer.write([.customerErased(customer)], upTo: index + 1) }
    once("a customer erased, the index of words put in order", erasing, [:], &report)
    let months = try reader.figures().months
    guard let largest = months.max(by: { $0.messages < $1.messages }) else { return }
    let dropping = try clock.measure { try writer.drop(largest.month) }
    once("a month dropped", dropping, ["messages": Double(largest.messages)], &report)
  }

  private func once(
    _ name: String, _ time: Duration, _ details: [String: Double], _ report: inout BenchmarkReport
  ) {
    report.rows.append(
      BenchmarkReport.Row(
        name: "history: " + name, value: time / .milliseconds(1), unit: "ms", isLessBetter: true,
        details: details, ratio: nil))
  }

  private mutating func conversation(_ id: SessionID) throws -> ([Message], ArchivedChunk, ArchivedSession) {
    let opened = Self.start + id.logIndex * 7_000
    let customer = Person(id: "customer-\(texts.number(100_000))", role: .customer, name: "Customer")
    let agent = Person(id: "agent-\(texts.number(200))", role: .agent, name: "Agent")
    let said = (1...Self.perSession).map { number in
      Message(
        sequence: Sequence(UInt64(number)), id: "01JD\(id.logIndex)-\(number)",
        sender: number % 2 == 1 ? customer : agent,
        kind: .text, body: Array(texts.message().utf8), time: opened + UInt64(number) * 15_000)
    }
    guard let chunk = ArchivedChunk(of: said, in: id, openedAt: opened) else {
      throw CocoaError(.coderInvalidValue)
    }
    let json = """
      {"session":"\(id.text)","customer":"\(customer.id)","customer_name":"Customer","channel":"web","skill":"billing",
      "intent":"","priority":0,"attributes":{},"agents":["\(agent.id)"],"opened_at":\(opened),
      "closed_at":\(opened + 400_000),"closed_by":"\(agent.id)","reason":"done","messages":\(Self.perSession)}
      """
    let record = try Array(json.utf8).withUnsafeBytes { try ArchivedSession.fields.read($0) }
    return (said, chunk, record)
  }

  private mutating func reads(
    _ reader: ArchiveReader, _ plain: PlainTable, _ ids: [SessionID], _ report: inout BenchmarkReport
  ) throws {
    var pages = (Latencies(), Latencies())
    var words = (Latencies(), Latencies())
    var (chinese, persons, hits) = (Latencies(), Latencies(), 0)
    for number in 0..<1_000 {
      let id = ids[texts.number(ids.count)]
      pages.0.measure { _ = try? reader.page(id, .after(.zero), limit: 50) }
      pages.1.measure { _ = try? plain.page(id, limit: 50) }
      let query = try SearchQuery(number % 2 == 0 ? texts.chineseWord() : texts.englishWord())
      let scope = SearchScope.staff(.main, "agent-\(texts.number(200))")
      var found = 0
      let measured = { found = (try? reader.search(query, in: .desk(.main), limit: 20).hits.count) ?? 0 }
      if number % 2 == 0 { chinese.measure(measured) } else { words.0.measure(measured) }
      hits += found
      persons.measure { _ = try? reader.search(query, in: scope, limit: 20) }
      // Reading all of the table takes long.
      if number < 50 {
        words.1.measure { _ = try? plain.search(number % 2 == 0 ? texts.chineseWord() : texts.englishWord()) }
      }
    }
    func row(_ name: String, _ times: Latencies, _ details: [String: Double]) {
      report.rows.append(
        BenchmarkReport.Row(
          name: "history: " + name + ", P99", value: times.percentile(99) ?? 0, unit: "ms", isLessBetter: true,
          details: details.merging(["p50_ms": times.percentile(50) ?? 0]) { $1 }, ratio: nil))
    }
    row("page of up to 50", pages.0, ["table_alone_p99_ms": pages.1.percentile(99) ?? 0])
    row("first 20 of two Chinese characters", chinese, ["hits": Double(hits) / 1_000])
    row("first 20 of an English word", words.0, ["table_like_p99_ms": words.1.percentile(99) ?? 0])
    row("the same for what one agent has served", persons, [:])
  }
}

extension Latencies {
  fileprivate mutating func measure(_ body: () -> Void) {
    let time = ContinuousClock().measure(body)
    add(Int64(time / .nanoseconds(1)))
  }
}
