import Testing

@testable import Protocol

@Suite("What a node says of its cluster is declared")
struct StatusFigureTests {
  /// One of each record.
  private static let records: [any StatusRecord] = [
    ClusterStatus(), ClusterStatus.Problem(code: .noLeader, node: "n", since: "", advice: ""),
    ClusterStatus.Quorum(), ClusterStatus.Change(), ClusterStatus.Sessions(), ClusterStatus.Agents(),
    ClusterStatus.Member(), ClusterStatus.Load(), ClusterStatus.Storage(), ClusterStatus.Gossip(),
    ClusterStatus.Certificate(), ClusterStatus.Archive(),
  ]

  /// As it is called in documents.
  private static func name(_ property: String) -> String {
    String(property.flatMap { $0.isUppercase ? "_" + $0.lowercased() : String($0) })
  }

  @Test("every property of every record, and nothing else, in its order")
  func isWhole() {
    #expect(Set(Self.records.map { "\(type(of: $0).title)" }) == Set(ClusterStatus.all.map { "\($0.title)" }))
    func names<Record: StatusRecord>(_: Record) -> [String] { Record.figures.map { "\($0.name)" } }
    for record in Self.records {
      let properties = Mirror(reflecting: record).children.compactMap(\.label).map(Self.name)
      #expect(names(record) == properties, "\(type(of: record))")
    }
  }

  @Test("the document has what is there, each value by its name; of nobody who leads it says null")
  func document() {
    var status = ClusterStatus()
    (status.cluster, status.observedBy, status.observedAt) = ("a\"b", "node1", "2026-11-30T00:00:00.000Z")
    status.problems = [.init(code: .noLeader, node: "node1", since: "2026-11-30T00:00:00.000Z", advice: "x")]
    var member = ClusterStatus.Member()
    (member.id, member.rttMs, member.load) = ("node1", .nan, ClusterStatus.Load())
    member.load?.cpu = 0.25
    status.members = [member]
    let expected = #"""
      {"cluster":"a\"b","observed_by":"node1","observed_at":"2026-11-30T00:00:00.000Z","health":"ok",
      "problems":[{"code":"no_leader","node":"node1","since":"2026-11-30T00:00:00.000Z","advice":"x"}],"leader":null,"term":0,
      "commit_index":0,"applied_index":0,"level":1,"quorum":{"voters":0,"needed":0,"reachable":0,"can_lose":0},
      "members":[{"id":"node1","address":"","client_url":"","role":"","voter":true,"state":"","reachable":false,"rtt_ms":0.0,
      "version":"","load":{"connections":0,"sessions":0,"cpu":0.25,"loop_lag_ms":0.0,"ack_p99_ms":0.0,"age_ms":0}}],
      "sessions":{"active":0,"queued":0,"closed":0},"agents":{"online":0,"busy":0,"away":0,"offline":0}}
      """#
    #expect(status.json == expected.split(separator: "\n").joined())
    status.leader = "node2"
    #expect(status.json.contains(#""leader":"node2""#))
  }
}
