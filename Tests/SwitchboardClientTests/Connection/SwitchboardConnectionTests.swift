import NIOCore
import NIOPosix
import Testing

@testable import Protocol
@testable import SwitchboardClient

@Suite("a client on real sockets", .timeLimit(.minutes(10)))
struct SwitchboardConnectionTests {
  static let welcome = FakeNode.Reply.text(
    #"{"type":"welcome","node":"node1","heartbeat_ms":15000,"nodes":[]}"#)

  static func ack(_ frame: [String: String], _ sequence: Int) -> FakeNode.Reply {
    .text(
      #"{"type":"ack","id":"\#(frame["id"] ?? "")","session":"\#(frame["session"] ?? "")","seq":\#(sequence),"time":1}"#
    )
  }

  /// Runs nodes and one client beside the body, and ends them behind it.
  func with(
    _ nodes: [FakeNode], settings change: (inout ClientSettings) -> Void = { _ in },
    token: @escaping @Sendable () async throws -> String = { "token" },
    _ body: @escaping @Sendable (SwitchboardConnection) async throws -> Void
  ) async throws {
    var settings = ClientSettings(
      urls: nodes.map(\.url), backoff: Backoff(first: .milliseconds(5), fastTries: 100))
    change(&settings)
    let connection = SwitchboardConnection(settings: settings, token: token)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for node in nodes {
        group.addTask {
          try await node.run()
          return false
        }
      }
      group.addTask {
        do { try await connection.run() } catch is ClientError {}
        return false
      }
      group.addTask {
        try await body(connection)
        await connection.shutDown()
        return true
      }
      while let isDone = try await group.next(), !isDone {}
      group.cancelAll()
    }
  }

  @Test(
    "a message whose acknowledgement is lost goes to the next node with the same id, and is acknowledged once")
  func failover() async throws {
    let journal = Journal()
    let broken = try await FakeNode.listen { _, frame in
      journal.write("first \(frame["type"] ?? "") \(frame["id"] ?? "")")
      return frame["type"] == "hello" ? [Self.welcome] : [.close(nil)]
    }
    let whole = try await FakeNode.listen { _, frame in
      journal.write("second \(frame["type"] ?? "") \(frame["id"] ?? "")")
      return frame["type"] == "hello" ? [Self.welcome] : [Self.ack(frame, 8)]
    }
    try await with([broken, whole]) { connection in
      let proof = try await connection.send("hi", to: "7", id: "m1")
      #expect(proof == Acknowledgement(id: "m1", session: "7", sequence: 8, time: 1))
    }
    #expect(journal.all == ["first hello ", "first send m1", "second hello ", "second send m1"])
  }

  @Test(
    "a message that is too long for a node that does not say so is given up, and the one behind it goes",
    arguments: [1009, nil])
  func tooLong(code: Int?) async throws {
    let node = try await FakeNode.listen { _, frame in
      if frame["type"] == "hello" { return [Self.welcome] }
      return frame["body"]?.count ?? 0 > 65_536 ? [.close(code)] : [Self.ack(frame, 1)]
    }
    try await with([node]) { connection in
      async let long = connection.send(String(repeating: "x", count: 70_000), to: "7")
      let proof = try await connection.send("behind it", to: "8")
      #expect(proof.sequence == 1)
      do {
        _ = try await long
        Issue.record("it was taken")
      } catch ClientError.refused(let code, _) {
        #expect(code == "too_large")
      }
    }
  }

  @Test("a refused token ends the client with the server's code, and everybody who waits")
  func refusal() async throws {
    let node = try await FakeNode.listen { _, _ in [.close(4501)] }
    try await with([node]) { connection in
      await #expect(throws: ClientError.self) { try await connection.send("hi", to: "7") }
    }
  }

  @Test("a source of tokens that was cancelled, or failed, is asked again, and what waits goes on")
  func cancelledToken() async throws {
    let node = try await FakeNode.listen { _, frame in
      frame["type"] == "hello" ? [Self.welcome] : [Self.ack(frame, 1)]
    }
    let asked = Journal()
    try await with(
      [node],
      token: {
        asked.write("asked")
        switch asked.all.count {
        case 1: throw CancellationError()
        case 2: throw ChannelError.connectTimeout(.seconds(1))
        default: return "token"
        }
      }
    ) { connection in
      let proof = try await connection.send("hi", to: "7")
      #expect(proof.sequence == 1)
    }
    #expect(asked.all.count == 3)
  }

  @Test("who waits is told why the client ended, when it ended by itself")
  func wrongURL() async throws {
    let connection = SwitchboardConnection(settings: ClientSettings(urls: ["gopher://nowhere"])) { "token" }
    try await withThrowingTaskGroup(of: ClientError?.self) { group in
      group.addTask {
        do { _ = try await connection.send("hi", to: "7") } catch let error as ClientError { return error }
        return nil
      }
      while await !connection.isWaitedFor { await Task.yield() }
      group.addTask {
        do { try await connection.run() } catch let error as ClientError { return error }
        return nil
      }
      for try await error in group { #expect(error == .badURL("gopher://nowhere")) }
    }
  }

  @Test("after a goaway the client goes where it is sent")
  func goaway() async throws {
    let journal = Journal()
    let second = try await FakeNode.listen { _, frame in
      journal.write("second \(frame["type"] ?? "")")
      return frame["type"] == "hello" ? [Self.welcome] : [Self.ack(frame, 1)]
    }
    let first = try await FakeNode.listen { _, frame in
      guard frame["type"] == "hello" else { return [Self.ack(frame, 1)] }
      return [
        .text(
          #"{"type":"welcome","node":"node1","nodes":[{"id":"node2","client_url":"\#(second.url.replacing("ws:", with: "http:"))"}]}"#
        ),
        .text(#"{"type":"goaway","reason":"drain","node":"node2","reconnect_after_ms":1}"#),
      ]
    }
    // `first` alone is known at the beginning; `second` is told by its welcome.
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await second.run() }
      try await with([first]) { connection in
        for await event in connection.events {
          guard case .connected(_, let url, true) = event else { continue }
          #expect(NodeURL.same(url, second.url))
          break
        }
        _ = try await connection.send("hi", to: "7")
      }
      group.cancelAll()
    }
    #expect(journal.all == ["second hello", "second send"])
  }

  @Test("what comes again after a reconnection is told once, in order")
  func resuming() async throws {
    @Sendable func message(_ sequence: Int) -> FakeNode.Reply {
      .text(
        #"{"type":"message","session":"7","seq":\#(sequence),"id":"i\#(sequence)","from":"anna","body":"b"}"#)
    }
    let journal = Journal()
    let node = try await FakeNode.listen { connection, frame in
      guard frame["type"] == "hello" else { return [] }
      if connection == 2 { journal.write(frame["raw"] ?? "") }
      return connection == 1
        ? [Self.welcome, message(1), message(2), .close(4008)]
        : [Self.welcome, message(2), message(3)]
    }
    try await with([node]) { connection in
      var sequences: [UInt64] = []
      for await event in connection.events {
        if case .message(let message) = event { sequences.append(message.sequence) }
        if sequences.last == 3 { break }
      }
      #expect(sequences == [1, 2, 3])
    }
    #expect(journal.all.first?.contains(#""resume":[{"session":"7","after":2}]"#) == true)
  }

  @Test("a listener that is too slow loses the connection and no message")
  func slowListener() async throws {
    let node = try await FakeNode.listen { _, frame in
      guard frame["type"] == "hello" else { return [] }
      // Behind what the client says to have.
      let raw = frame["raw"] ?? ""
      let after = (1...9).last { raw.contains(#""after":\#($0),"#) } ?? 0
      return [Self.welcome]
        + (1...9).filter { $0 > after }.map {
          .text(#"{"type":"message","session":"7","seq":\#($0),"id":"i\#($0)","from":"anna","body":"b"}"#)
        }
    }
    try await with([node], settings: { $0.eventBuffer = 4 }) { connection in
      var sequences: [UInt64] = []
      for await event in connection.events {
        if case .message(let message) = event { sequences.append(message.sequence) }
        if sequences.count == 9 { break }
        // Slower than the node.
        await Task.yield()
      }
      #expect(sequences == Array(1...9))
    }
  }

  @Test("a node that takes connections and says nothing is left for the next one")
  func frozen() async throws {
    // Listens, and never accepts: as a stopped process does.
    let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(ChannelOptions.autoRead, value: false)
      .bind(host: "127.0.0.1", port: 0).get()
    let node = try await FakeNode.listen { _, frame in
      frame["type"] == "hello" ? [Self.welcome] : [Self.ack(frame, 1)]
    }
    let port = silent.localAddress?.port ?? 0
    try await with(
      [node],
      settings: {
        $0.urls = ["ws://127.0.0.1:\(port)"] + $0.urls
        $0.patience = .milliseconds(200)
      }
    ) { connection in
      let proof = try await connection.send("hi", to: "7")
      #expect(proof.sequence == 1)
    }
    try await silent.close()
  }

  @Test("cancelling whoever waits gives the request up")
  func cancellation() async throws {
    let node = try await FakeNode.listen { _, frame in frame["type"] == "hello" ? [Self.welcome] : [] }
    try await with([node]) { connection in
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await connection.send("hi", to: "7") }
        group.cancelAll()
        await #expect(throws: CancellationError.self) { try await group.next() }
      }
    }
  }
}
