import Foundation
import Testing

@testable import switchboard

@Suite("A list of the HTTP interface as a command reads it")
struct WholeListTests {
  private func read(_ path: String, _ pages: [String: String]) async throws -> String {
    let body = try await WholeList.read(path, "agents") { asked in
      Data(try #require(pages[asked], "\(asked) was asked").utf8)
    }
    return String(decoding: body, as: UTF8.self)
  }

  @Test("pages become one document")
  func pages() async throws {
    let whole = try await read(
      "/a",
      [
        "/a": #"{"agents":[{"id":"x/\u00e9"}],"more":true,"next":"n1"}"#,
        "/a?cursor=n1": #"{"agents":[{"id":"y"}],"more":true,"next":"n2"}"#,
        "/a?cursor=n2": #"{"agents":[],"more":false}"#,
      ])
    #expect(whole == #"{"agents":[{"id":"x/é"},{"id":"y"}],"more":false}"#)
    #expect(
      try await read(
        "/a?limit=2", ["/a?limit=2": #"{"agents":[1],"next":"n"}"#, "/a?limit=2&cursor=n": #"{"agents":[2]}"#])
        == #"{"agents":[1,2]}"#)
  }

  @Test("a node of an earlier release says all at once, and that is shown as it came")
  func earlierRelease() async throws {
    let answer = #"{"agents":[{"weight":1.0}], "other":12345678901234567890}"#
    #expect(try await read("/a", ["/a": answer]) == answer)
  }

  @Test("a node that says the same place again is not asked for ever")
  func repetition() async throws {
    let whole = try await read(
      "/a", ["/a": #"{"agents":[1],"next":"n"}"#, "/a?cursor=n": #"{"agents":[2],"next":"n"}"#])
    #expect(whole == #"{"agents":[1,2]}"#)
  }
}
