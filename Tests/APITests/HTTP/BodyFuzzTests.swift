import Desk
import Foundation
import Kernel
import Protocol
import Simulation
import Testing

@testable import API

/// Bodies and queries of HTTP that are nearly right, by a seed: what reads them takes them, or says what is wrong.
/// `FUZZ_INPUTS=1000000 swift test --filter BodyFuzzTests` gives more of them.
@Suite("Bodies and queries that are nearly right")
struct BodyFuzzTests {
  private static let inputs = ProcessInfo.processInfo.environment["FUZZ_INPUTS"].flatMap { Int($0) } ?? 20_000

  @Test(
    "a body is taken or refused, is never read as another session than that of the path, and never as no JSON")
  func bodies() {
    var taken = 0
    for seed in 1...UInt64(Self.inputs) {
      var random = SeededGenerator(seed: seed)
      let type = OperationRoutes.operations[Int(random.next() % UInt64(OperationRoutes.operations.count))]
      if Self.body(type, seed, &random) { taken += 1 }
    }
    // Some are right all the same, most are not: else it would try nothing.
    #expect(taken * 20 > Self.inputs && taken < Self.inputs, "\(taken) of \(Self.inputs)")
  }

  private static let odd = [
    "1\",\"session\":\"2", "\\u0032", "2}", "{\"a\":1}", "null", "\u{0}", "é", " 2", "0",
  ]

  private static func body<One: ClientOperation>(
    _: One.Type, _ seed: UInt64, _ random: inout SeededGenerator
  ) -> Bool {
    let path = One.route?.fields ?? []
    var words: [String: String] = [:]
    for field in path {
      words[field] = random.next() % 4 == 0 ? odd[Int(random.next() % UInt64(odd.count))] : "4096"
    }
    var body = Array(One.fields.json(of: One.fields.sample(&random)).utf8)
    // What stands in the path is no member of the body.
    if !path.isEmpty, random.next() % 8 != 0 { body = Self.without(body, path) }
    Mutation.apply(to: &body, &random)
    let about = Comment(rawValue: "\(One.name), seed \(seed): \(words) \(body)")
    let text: [UInt8]
    do throws(ProblemDetails) {
      text = try OperationBody.text(body, path: words, of: One.fields.list)
    } catch {
      #expect(error.status == 400 && !error.detail.isEmpty, about)
      return false
    }
    let read = text.withUnsafeBytes { text -> Result<One, Failure> in
      do throws(Failure) { return .success(try One.fields.read(text)) } catch { return .failure(error) }
    }
    switch read {
    case .success(let read):
      if path == ["session"], let word = words["session"] {
        #expect(One.fields.json(of: read).hasPrefix("{\"session\":\"\(word)\""), about)
      }
      return true
    case .failure(let failure):
      #expect(!failure.message.hasPrefix("This is not JSON"), about)
      return false
    }
  }

  /// The members behind those of the path, which stand first.
  private static func without(_ json: [UInt8], _ path: [String]) -> [UInt8] {
    var members = String(decoding: json, as: UTF8.self).dropFirst()
    for name in path where members.hasPrefix("\"\(name)\":") {
      members = members.firstIndex(of: ",").map { members[members.index(after: $0)...] } ?? "}"
    }
    return Array("{\(members)".utf8)
  }

  private enum Order: String, CaseIterable { case first, last }

  @Test("a query is read or refused by name, and so is each value in it")
  func queries() {
    let allowed = ["after", "limit", "since", "order", "local"]
    let plain = [
      "after=7&limit=100", "since=2026-11-29T08:00:00Z", "since=1790000000000&order=first", "local",
      "local=true",
      "since=2026-02-30T24:60:61.999999999%2B25:00", "limit=%31%30", "order=%E2%82%AC", "",
    ]
    var taken = 0
    for seed in 1...UInt64(Self.inputs) {
      var random = SeededGenerator(seed: seed)
      var bytes = Array(plain[Int(random.next() % UInt64(plain.count))].utf8)
      Mutation.apply(to: &bytes, &random)
      let query = String(decoding: bytes, as: UTF8.self)
      do throws(ProblemDetails) {
        let parameters = try QueryParameters(query, allowed: allowed)
        if let limit = try parameters.integer("limit", in: 1...1000) { #expect((1...1000).contains(limit)) }
        _ = try parameters.integer("after", in: 0...UInt64.max)
        _ = try parameters.time("since")
        _ = try parameters.choice("order", Order.self)
        _ = try parameters.flag("local")
        taken += 1
      } catch { #expect(error.status == 400 && !error.detail.isEmpty && !error.json.isEmpty, "seed \(seed)") }
    }
    #expect(taken * 20 > Self.inputs && taken < Self.inputs, "\(taken) of \(Self.inputs)")
  }
}
