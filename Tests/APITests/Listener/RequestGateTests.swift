import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import API

@Suite("One HTTP connection, a request at a time")
struct RequestGateTests {
  /// Counts what reaches the routes and how often the transport is asked to read.
  private final class Counter: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    var reads = 0
    func read(context: ChannelHandlerContext) {
      reads += 1
      context.read()
    }
  }

  private let channel = EmbeddedChannel()
  private let counter = Counter()

  private func connect(
    _ limits: HTTPSlots.Limits = HTTPSlots.Limits(), isReserved: Bool = false
  ) throws {
    let deadlines = RequestDeadlines(loop: channel.embeddedEventLoop, bounds: .init())
    try channel.pipeline.syncOperations.addHandlers([
      counter,
      RequestGate(
        address: "a", slots: HTTPSlots(limits: limits), deadlines: deadlines, isReserved: isReserved),
    ])
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func ask(_ path: String, method: HTTPMethod = .GET, _ headers: [(String, String)] = []) throws {
    let head = HTTPRequestHead(
      version: .http1_1, method: method, uri: path, headers: HTTPHeaders([("Host", "h")] + headers))
    try channel.writeInbound(HTTPServerRequestPart.head(head))
    try channel.writeInbound(HTTPServerRequestPart.end(nil))
  }

  private func answer() throws {
    let head = HTTPResponseHead(version: .http1_1, status: .ok)
    try channel.writeOutbound(HTTPServerResponsePart.head(head))
    try channel.writeOutbound(HTTPServerResponsePart.end(nil))
  }

  /// Paths of the requests that have reached the routes since the last call.
  private func reached() throws -> [String] {
    var paths: [String] = []
    while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
      if case .head(let head) = part { paths.append(head.uri) }
    }
    return paths
  }

  private func statuses() throws -> [UInt] {
    var statuses: [UInt] = []
    while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
      if case .head(let head) = part { statuses.append(head.status.code) }
    }
    return statuses
  }

  @Test("requests that are sent behind one another reach the routes one by one, and nothing is read meanwhile")
  func oneByOne() throws {
    try connect()
    for number in 0..<5 { try ask("/r\(number)") }
    #expect(try reached() == ["/r0"])
    let before = counter.reads
    channel.read()
    #expect(counter.reads == before)
    for number in 1..<5 {
      try answer()
      #expect(try reached() == ["/r\(number)"])
    }
    channel.read()
    #expect(counter.reads == before)
    try answer()
    #expect(counter.reads == before + 1, "the read that was held back")
    #expect(try statuses() == [200, 200, 200, 200, 200])
    #expect(channel.isActive)
  }

  @Test("more than may wait ends the connection with the answer to the last that does")
  func overrun() throws {
    try connect(HTTPSlots.Limits(requestsPerSecond: 0))
    for number in 0..<10_000 { try ask("/r\(number)") }
    var served = 0
    while !(try reached().isEmpty) {
      served += 1
      try answer()
    }
    #expect((2...20).contains(served), "\(served)")
  }

  @Test("the end of the client's side waits for the requests before it")
  func halfClosed() throws {
    try connect()
    try ask("/a")
    try ask("/b")
    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    #expect(try reached() == ["/a"])
    try answer()
    #expect(try reached() == ["/b"])
    try answer()
    #expect(try statuses() == [200, 200])
  }

  @Test("who takes no byte of an answer, and who sends half a body, are ended; who is served is not")
  func deadlines() throws {
    try connect()
    try ask("/a")
    #expect(try reached() == ["/a"])
    channel.embeddedEventLoop.advanceTime(by: .minutes(3))
    #expect(channel.isActive, "a route may take its time")
  }

  @Test("a reserved place is for one probe and no other request")
  func reserved() throws {
    try connect(isReserved: true)
    try ask("/livez")
    #expect(try reached() == ["/livez"])
    try answer()
    guard case .head(let head)? = try channel.readOutbound(as: HTTPServerResponsePart.self) else {
      Issue.record("no answer")
      return
    }
    #expect(head.headers["connection"] == ["close"])
    try ask("/livez")
    #expect(try reached().isEmpty)
  }

  @Test("behind a reserved place nothing else is served", arguments: ["/v1/agents", "/openapi.json"])
  func notReserved(path: String) throws {
    try connect(isReserved: true)
    try ask(path)
    #expect(try reached().isEmpty)
    #expect(try statuses() == [503])
  }

  @Test("requests above the rate of an address are refused, and probes are not")
  func rate() throws {
    try connect(HTTPSlots.Limits(requestsPerSecond: 1, requestBurst: 3))
    for _ in 0..<3 {
      try ask("/a")
      try answer()
    }
    #expect(try reached().count == 3)
    try ask("/livez")
    #expect(try reached() == ["/livez"])
    try answer()
    _ = try statuses()
    try ask("/a")
    #expect(try reached().isEmpty)
    #expect(try statuses() == [429])
  }
}
