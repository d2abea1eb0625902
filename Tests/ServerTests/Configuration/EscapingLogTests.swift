import Logging
import Synchronization
import Testing

@testable import Server

@Suite("What comes from outside, in the log")
struct EscapingLogTests {
  private final class Lines: Sendable { let all = Mutex<[String]>([]) }

  private struct Handler: LogHandler {
    let lines: Lines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      let all = metadata.merging(event.metadata ?? [:]) { $1 }
      lines.all.withLock { $0.append("\(event.message) \(all)") }
    }
  }

  private struct Named: CustomStringConvertible { var description: String }

  @Test("a line stays a line, wherever its parts come from")
  func escaped() {
    let lines = Lines()
    var logger = Logger(label: "t") { _ in EscapingLogHandler(Handler(lines: lines)) }
    let bad = "a\nerror: forged\r\u{1b}[31m\u{7}\u{9b}\u{202e}\u{2028}\u{200b}z"
    logger[metadataKey: "node"] = "\(bad)"
    logger.error(
      "\(bad)",
      metadata: [
        "text": "\(bad)", "list": ["\(bad)"], "object": ["k": "\(bad)"],
        "value": .stringConvertible(Named(description: bad)),
      ])
    let line = lines.all.withLock { $0 }.joined()
    let isPlain = line.unicodeScalars.allSatisfy { scalar in
      scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value)
        && ![0x202e, 0x2028, 0x200b].contains(scalar.value)
    }
    #expect(isPlain, "\(line.debugDescription)")
    #expect(line.contains("a\\u{a}error: forged"))
  }

  @Test("what is no danger stays as it is; what is long is cut")
  func unchanged() {
    #expect(LogText.escape("node1: \u{e4}\u{1f600} \"x\" \\n") == "node1: \u{e4}\u{1f600} \"x\" \\n")
    #expect(LogText.escape(String(repeating: "\u{e4}", count: 10_000)).utf8.count < LogText.longest + 8)
  }

  @Test(
    "descriptors are shared out so that the node's own come first",
    arguments: [
      166, 198, 221, 222, 256, 1024, 20_000, 1_048_576,
    ])
  func budget(limit: Int) {
    let budget = DescriptorBudget(limit: limit, loops: 2, members: 3)
    guard budget.isEnough else {
      #expect(limit < budget.least)
      return
    }
    for wanted in [0, 10, 20_000] {
      let webSockets = budget.webSockets(wanted: wanted)
      let http = budget.httpConnections(wanted: 2048)
      let sockets = budget.sockets(webSockets: webSockets, http: http)
      #expect(webSockets >= 1 && http >= 4 && webSockets + http < sockets)
      #expect(sockets + budget.reserve <= limit)
      let probes = budget.probes(sockets: sockets, webSockets: webSockets, http: http)
      #expect(probes >= 1 && webSockets + http + probes <= sockets)
      if wanted > 0 { #expect(webSockets <= wanted) }
    }
  }

  @Test(
    "a machine that takes less than half of the configured clients is too small, and one that takes most is not"
  )
  func lowLimits() {
    func isLow(_ limit: Int, webSockets: Int = 20_000, http: Int = 2_048) -> Bool {
      DescriptorBudget(limit: limit, loops: 2, members: 3).isLow(webSockets: webSockets, http: http)
    }
    #expect(isLow(1_024) && isLow(8_192) && !isLow(20_000) && !isLow(1_048_576))
    #expect(isLow(8_192, webSockets: 100, http: 4_096) && !isLow(8_192, webSockets: 100, http: 1_024))
    #expect(!isLow(512, webSockets: 0, http: 0), "as many as there can be are never too few")
  }
}
