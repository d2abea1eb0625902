import API
import Desk
import Foundation
import Protocol
import Synchronization
import Testing

@Suite("The verifier where clients' tokens are verified")
struct TokenVerifierTests {
  final class Sink: VerdictSink {
    private let verdicts = Mutex<[(ConnectionID, Verdict)]>([])
    private let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
    func tell(_ verdict: Verdict, for connection: ConnectionID) {
      verdicts.withLock { $0.append((connection, verdict)) }
      tick.yield()
    }
    func wait(for count: Int) async -> [(ConnectionID, Verdict)] {
      for await _ in ticks where verdicts.withLock({ $0.count }) >= count { break }
      return verdicts.withLock { $0 }
    }
    var now: [(ConnectionID, Verdict)] { verdicts.withLock { $0 } }
  }

  @Test("every token gets one verdict, in order, and a bad one its reason")
  func verdicts() async throws {
    let service = try await TokenService(secrets: [TestServer.secret])
    let verifier = TokenVerifier(service)
    let sink = Sink()
    let good = try await TestServer.token("alice", .customer)
    for number in 1...100 {
      let token = number % 10 == 0 ? "no.token.here" : good
      verifier.verify(token, for: ConnectionID(sink: 0, number: UInt64(number)), sink: sink)
    }
    await withTaskGroup { group in
      group.addTask { await verifier.run() }
      let verdicts = await sink.wait(for: 100)
      group.cancelAll()
      #expect(verdicts.map(\.0.number) == Array(1...100))
      for (connection, verdict) in verdicts {
        switch verdict {
        case .accepted(let claims):
          #expect(connection.number % 10 != 0)
          #expect(claims.person == Person(id: "alice", role: .customer, name: "ALICE"))
        case .rejected(let reason):
          #expect(connection.number % 10 == 0)
          #expect(reason.contains("malformed"))
        case .busy: Issue.record("there was room")
        }
      }
    }
  }

  @Test("a full queue says busy at once, and so does a verifier that has stopped")
  func full() async throws {
    let verifier = TokenVerifier(try await TokenService(secrets: [TestServer.secret]), waiting: 3)
    let sink = Sink()
    for number in 1...5 { verifier.verify("x", for: ConnectionID(sink: 0, number: UInt64(number)), sink: sink) }
    #expect(sink.now.map(\.0.number) == [4, 5])
    #expect(sink.now.allSatisfy { $0.1 == .busy })
    await withTaskGroup { group in
      group.addTask { await verifier.run() }
      _ = await sink.wait(for: 5)
      group.cancelAll()
    }
    verifier.verify("x", for: ConnectionID(sink: 0, number: 6), sink: sink)
    #expect(sink.now.last?.1 == .busy)
  }

  @Test("a token that is too long takes no place in the queue")
  func tooLong() async throws {
    let verifier = TokenVerifier(try await TokenService(secrets: [TestServer.secret]), waiting: 1)
    let sink = Sink()
    verifier.verify(String(repeating: "a", count: 10_000), for: ConnectionID(sink: 0, number: 1), sink: sink)
    guard case .rejected(let reason)? = sink.now.first?.1 else {
      Issue.record("it was taken")
      return
    }
    #expect(reason.contains("10000"))
  }
}
