import Desk
import NIOCore
import Protocol
import Synchronization
import TestFrames
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct GatewayLoopTests {
  @Test("a customer and an agent on different loops talk; the sender gets the ack, the other the message")
  func conversation() async throws {
    try await TestServer.with { server in
      let customer = try await server.client(as: "customer:c1")
      let agent = try await server.client(as: "agent:a1")
      try await customer.say(#"{"type":"open","id":"o"}"#)
      let opened = try #require(await customer.next())
      let session = try #require(opened.json["session"] as? String)
      try await agent.say(#"{"type":"join","id":"j","session":"\#(session)"}"#)
      #expect(await agent.next()?.type == "joined")
      try await customer.say(#"{"type":"send","id":"m1","session":"\#(session)","body":"hello"}"#)
      try await customer.say(#"{"type":"ping","id":"p"}"#)
      #expect(Set(await customer.next(2).map(\.type)) == ["ack", "pong"])
      let message = try #require(await agent.next()).json
      #expect(message["body"] as? String == "hello")
      #expect(message["from"] as? String == "c1")
      #expect(message["seq"] as? Int == 1)
      try await agent.say(#"{"type":"send","id":"m2","session":"\#(session)","body":"hi"}"#)
      #expect(await agent.next()?.type == "ack")
      #expect(await customer.next()?.json["body"] as? String == "hi")
    }
  }

  @Test("frames that come byte by byte are the same frames")
  func bytes() async throws {
    try await TestServer.with { server in
      let client = try await server.client()
      var bytes = maskedFrame(Opcode.text, Array(#"{"type":"hello","token":"customer:c1"}"#.utf8))
      bytes += maskedFrame(Opcode.ping, [1, 2, 3])
      bytes += maskedFrame(Opcode.text, Array(#"{"type":"ping","id":""#.utf8), isFinal: false)
      bytes += maskedFrame(Opcode.continuation, Array(#"x"}"#.utf8))
      for byte in bytes { try await client.send([byte]) }
      let seen = await client.next(3)
      #expect(seen.map(\.type) == ["welcome", nil, "pong"])
      #expect(seen[1] == .pong([1, 2, 3]))
    }
  }

  @Test("frames that come all at once are submitted at once, and answered in their order")
  func atOnce() async throws {
    try await TestServer.with { server in
      let client = try await server.client(as: "customer:c1")
      var bytes: [UInt8] = []
      for number in 0..<100 {
        bytes += maskedFrame(
          Opcode.text, Array(#"{"type":"send","id":"\#(number)","session":"4096","body":"x"}"#.utf8))
      }
      let before = server.cluster.state.withLock { $0.batches.count }
      try await client.send(bytes)
      let seen = await client.next(100)
      #expect(seen.map { $0.json["id"] as? String } == (0..<100).map { "\($0)" })
      #expect(seen.map { $0.json["seq"] as? Int } == Array(1...100))
      // One segment may be read in a few pieces, but not in a hundred.
      #expect(server.cluster.state.withLock { $0.batches.count } - before < 20)
    }
  }

  @Test("what is sent behind hello waits for the verdict and is then served")
  func behindHello() async throws {
    try await TestServer.with { server in
      let client = try await server.client()
      try await client.say(#"{"type":"hello","token":"held:customer:c1"}"#)
      await server.until { server.verifier.heldCount == 1 }
      for number in 0..<50 { try await client.say(#"{"type":"ping","id":"\#(number)"}"#) }
      server.verifier.letGo()
      let seen = await client.next(51)
      #expect(seen.first?.type == "welcome")
      #expect(seen.dropFirst().map { $0.json["id"] as? String } == (0..<50).map { "\($0)" })
    }
  }

  @Test("messages for many followers reach each of them in its form, in order and without a gap")
  func fanOut() async throws {
    try await TestServer.with { server in
      var clients: [TestClient] = []
      for number in 0..<8 {
        let isBinary = [1, 3, 5].contains(number)
        let hasReceipts = number == 3 || number == 6
        let client: TestClient
        if isBinary {
          client = try await server.binaryClient(as: "agent:a\(number)", receipts: hasReceipts)
          try await client.say(
            Join.frameType, Join.fields.encode(Join(session: SessionID(rawValue: 4096), after: .zero)))
          #expect(await client.next(butPings: true)?.binaryType == BinaryFrameType.joined.rawValue)
        } else {
          client = try await server.client(as: "agent:a\(number)", receipts: hasReceipts)
          try await client.say(#"{"type":"join","id":"j","session":"4096"}"#)
          #expect(await client.next(butPings: true)?.type == "joined")
        }
        clients.append(client)
      }
      for round in 0..<20 {
        server.cluster.say(SessionID(rawValue: 4096), (0..<50).map { "\(round)-\($0)" })
      }
      for (number, client) in clients.enumerated() {
        var sequences: [Int] = []
        while sequences.last != 1000, let frame = await client.next(butPings: true) {
          let sequence = frame.sequence ?? 0
          // Those with receipts may see some again.
          if number != 3 && number != 6 || sequence > sequences.last ?? 0 { sequences.append(sequence) }
        }
        #expect(sequences == Array(1...1000), "client \(number)")
      }
    }
  }

  @Test("a reader who does not read is closed before his backlog grows beyond its bound, and hurts nobody")
  func slowReader() async throws {
    var settings = GatewaySettings(limits: .off)
    settings.limits.outboundBytes = 256 * 1024
    settings.times.close = 200
    try await TestServer.with(settings) { server in
      let slow = try await server.client(reads: false)
      try await slow.say(#"{"type":"hello","token":"agent:slow"}"#)
      try await slow.say(#"{"type":"join","id":"j","session":"4096"}"#)
      let other = try await server.client(as: "agent:other")
      try await other.say(#"{"type":"join","id":"j","session":"4096"}"#)
      #expect(await other.next()?.type == "joined")
      await server.until {
        server.cluster.state.withLock { $0.followers[SessionID(rawValue: 4096)]?.count == 2 }
      }
      let body = String(repeating: "x", count: 10_000)
      var sent = 0
      while server.cluster.state.withLock({ $0.gone.isEmpty }), sent < 50_000 {
        server.cluster.say(SessionID(rawValue: 4096), Array(repeating: body, count: 10))
        for _ in 0..<10 {
          sent += 1
          #expect(await other.next()?.json["seq"] as? Int == sent)
        }
      }
      #expect(server.cluster.state.withLock { $0.gone.count } == 1)
      // What the kernel buffers at both ends, and our bound; far below what was said in the end.
      await server.until { server.gateway.figures().closes[.slowOrSilent] == 1 }
      await server.until { server.gateway.figures().connections == 1 }
    }
  }

  @Test("who breaks the protocol is told 1002 and cut off at once; the others notice nothing")
  func garbage() async throws {
    try await TestServer.with { server in
      let good = try await server.client(as: "customer:c1")
      let bad = try await server.client()
      try await bad.send([0x81, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f])
      #expect(await bad.next() == .close(1002))
      // The end comes without waiting for the client.
      #expect(await bad.next() == nil)
      let http = try await server.client()
      try await http.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      #expect(await http.next() == .close(1002))
      #expect(await http.next() == nil)
      try await good.say(#"{"type":"ping"}"#)
      #expect(await good.next()?.type == "pong")
    }
  }

  @Test("a frame that announces more than the limit is refused before it has come")
  func announced() async throws {
    try await TestServer.with(GatewaySettings()) { server in
      let client = try await server.client()
      try await client.send([0x81, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 1, 2, 3, 4])
      #expect(await client.next() == .close(1009))
      #expect(await client.next() == nil)
    }
  }

  @Test("a closing handshake ends the connection, and the replica is told")
  func closing() async throws {
    try await TestServer.with { server in
      let client = try await server.client(as: "customer:c1")
      try await client.send(maskedFrame(Opcode.close, [0x03, 0xe8]))
      #expect(await client.next() == .close(1000))
      #expect(await client.next() == nil)
      await server.until { server.cluster.state.withLock { $0.gone.count == 1 } }
      await server.until {
        let figures = server.gateway.figures()
        return figures.closes == [.normal: 1] && figures.connections == 0
      }
      let figures = server.gateway.figures()
      #expect(figures.accepted == 1)
      #expect(figures.framesIn == 2)
      #expect(figures.framesOut == 2)
      #expect(figures.bytesOut > 100)
    }
  }

  @Test("a bad token is told and closed with 4501, and the server ends it when the client does not answer")
  func unauthorized() async throws {
    var settings = GatewaySettings(limits: .off)
    settings.times.close = 60
    try await TestServer.with(settings) { server in
      let client = try await server.client()
      try await client.say(#"{"type":"hello","token":"nonsense"}"#)
      #expect(await client.next()?.code == "unauthorized")
      #expect(await client.next() == .close(4501))
      #expect(await client.next() == nil)
      #expect(server.cluster.state.withLock { $0.gone.isEmpty })
    }
  }

  @Test("one timer serves the heartbeats, resends and deadlines of all connections")
  func timer() async throws {
    var settings = GatewaySettings(limits: .off)
    settings.times.tick = 5
    settings.times.heartbeat = 400
    settings.times.hello = 1_000
    settings.times.resend = 200
    settings.times.resendAttempts = 2
    settings.times.close = 200
    try await TestServer.with(settings) { server in
      let silent = try await server.client()
      #expect(await silent.next() == .close(4008))
      #expect(await silent.next() == nil)
      let careful = try await server.client(as: "agent:a1", receipts: true)
      try await careful.say(#"{"type":"join","id":"j","session":"4096"}"#)
      #expect(await careful.next(butPings: true)?.type == "joined")
      server.cluster.say(SessionID(rawValue: 4096), ["hi"])
      let seen = [
        await careful.next(butPings: true), await careful.next(butPings: true),
        await careful.next(butPings: true),
        await careful.next(butPings: true),
      ]
      #expect(seen.map { $0?.json["resent"] as? Bool } == [nil, true, true, nil])
      #expect(seen.last == .close(4008))
      let dead = try await server.client(as: "agent:a2")
      guard case .ping? = await dead.next() else {
        Issue.record("no ping")
        return
      }
      guard case .ping? = await dead.next() else {
        Issue.record("no second ping")
        return
      }
      #expect(await dead.next() == .close(4008))
    }
  }

  @Test("draining sends everybody elsewhere, takes nobody new, and ends when the last one is gone")
  func drain() async throws {
    var settings = GatewaySettings(limits: .off)
    settings.times.close = 100
    settings.times.tick = 10
    try await TestServer.with(settings) { server in
      var clients: [TestClient] = []
      for number in 0..<8 { clients.append(try await server.client(as: "customer:c\(number)")) }
      let reading = clients
      async let drained: Void = server.gateway.drain(
        reason: "drain", nodes: ["node2", "node3"], spreadMilliseconds: 200)
      var nodes: [String: Int] = [:]
      for client in reading {
        let goaway = await client.next()?.json ?? [:]
        #expect(goaway["reason"] as? String == "drain")
        nodes[goaway["node"] as? String ?? "", default: 0] += 1
        let delay = goaway["reconnect_after_ms"] as? Int ?? -1
        #expect((0...200).contains(delay))
        #expect(await client.next() == .close(1001))
        #expect(await client.next() == nil)
      }
      try await drained
      #expect(Set(nodes.keys) == ["node2", "node3"])
      #expect(server.gateway.admits("1.2.3.4") == .draining)
      #expect(server.gateway.loops.allSatisfy { $0.openConnections == 0 })
    }
  }

  @Test("who is dispersed is told so and goes; whoever comes then may stay")
  func disperse() async throws {
    var settings = GatewaySettings(limits: .off)
    settings.times.close = 100
    settings.times.tick = 10
    try await TestServer.with(settings) { server in
      let clients = [try await server.client(as: "customer:a"), try await server.client(as: "customer:b")]
      for loop in server.gateway.loops {
        loop.deliver([.disperse(reason: "no_quorum", withinMilliseconds: 50)])
      }
      for client in clients {
        let goaway = await client.next()?.json ?? [:]
        #expect(goaway["reason"] as? String == "no_quorum")
        #expect(goaway["node"] == nil)
        #expect(await client.next() == .close(1001))
      }
      let late = try await server.client(as: "customer:c")
      try await late.say(#"{"type":"ping"}"#)
      #expect(await late.next()?.json["type"] as? String == "pong")
    }
  }

  @Test("connections are limited for the node and for an address, and room is given back")
  func admission() async throws {
    var settings = GatewaySettings(limits: .off)
    settings.limits.connectionsPerAddress = 2
    try await TestServer.with(settings) { server in
      let first = try await server.client(as: "customer:c1")
      _ = try await server.client(as: "customer:c2")
      #expect(server.gateway.admits("127.0.0.1") == .tooManyFromAddress(limit: 2))
      #expect(server.gateway.admits("127.0.0.2") == nil)
      let third = try await server.client()
      #expect(await third.next() == nil)
      try await first.channel.close()
      await server.until { server.gateway.admits("127.0.0.1") == nil }
      _ = try await server.client(as: "customer:c3")
    }
  }

  @Test("numbers of connections are from 1, and unique among all loops")
  func numbers() async throws {
    try await TestServer.with { server in
      var numbers: Set<UInt64> = []
      for _ in 0..<12 {
        let client = try await server.client()
        try await client.say(#"{"type":"hello","token":"customer:c1"}"#)
        let number = UInt64(await client.next()?.json["connection"] as? String ?? "") ?? 0
        #expect(number > 0)
        numbers.insert(number)
      }
      #expect(numbers.count == 12)
    }
  }
}
