import NIOHTTP1
import Testing

@testable import API

@Suite("What every request has to be")
struct RequestRulesTests {
  private func problem(
    _ uri: String, _ headers: [(String, String)] = [("Host", "h:1")], version: HTTPVersion = .http1_1
  ) -> ProblemDetails? {
    RequestRules.problem(
      of: HTTPRequestHead(version: version, method: .GET, uri: uri, headers: HTTPHeaders(headers)))
  }

  @Test(
    "paths and queries of ours are taken",
    arguments: [
      "/", "/livez", "/v1/policies/*/web", "/v1/sessions/17/messages?after=3&limit=10",
      "/v1/nodes/node-1.a_b~c/drain",
      "/v1/sessions/1/messages?since=2025-01-31T12:00:00Z", "/readyz?verbose&noleader",
      "/readyz?tok=1&tokens=2&mytoken=3",
    ])
  func good(target: String) { #expect(problem(target) == nil) }

  @Test(
    "a path that another reader may spell otherwise is refused",
    arguments: [
      "//metrics", "/v1//cluster/status", "/metrics/", "/%6detrics", "/metrics%2f", "/./metrics",
      "/v1/../metrics",
      "/v1/..", "/metrics;a=b", "http://h/metrics", "*", "metrics", "/v1\\metrics", "/metrics%00", "/a b", "",
      "/met\u{e4}",
    ])
  func oddPaths(target: String) { #expect(problem(target)?.status == 400) }

  @Test(
    "a token in the URL is refused, however it is spelt",
    arguments: [
      "token=a", "%74oken=a", "%74%6F%6b%65%6e=a", "TOKEN=a", "%54oken", "x=1&access%5ftoken=a", "x=1;token=a",
      "+token=a", "token%20=a", "access-token=a", "token[]=a", "jwt", "Authorization=a", "b%65arer=a",
    ])
  func tokens(query: String) {
    #expect(problem("/livez?" + query)?.detail.contains("token never belongs") == true)
  }

  @Test("a query that is not percent-encoded UTF-8 is refused", arguments: ["a%", "a%2", "a%zz=1", "%ff=1"])
  func badEncoding(query: String) { #expect(problem("/livez?" + query)?.status == 400) }

  @Test(
    "one host, and one length of the body",
    arguments: [
      [("Host", "a"), ("Host", "b")], [("Host", "a"), ("host", "a")], [], [("Host", "a, b")], [("Host", "a/b")],
      [("Host", "a@b")], [("Host", "a"), ("Content-Length", "1"), ("Content-Length", "1")],
      [("Host", "a"), ("Content-Length", "1"), ("Transfer-Encoding", "chunked")],
      [("Host", "a"), ("Content-Length", "+1")], [("Host", "a"), ("Content-Length", "1, 1")],
      [("Host", "a"), ("Content-Length", "")], [("Host", "a"), ("Content-Length", "9999999999999999999")],
      [("Host", "a"), ("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
      [("Host", "a"), ("Transfer-Encoding", "gzip, chunked")],
      [("Host", "a"), ("Transfer-Encoding", "identity")],
    ])
  func headers(_ headers: [(String, String)]) { #expect(problem("/livez", headers)?.status == 400) }

  @Test("HTTP/1.0 needs no host, and other versions are not spoken")
  func versions() {
    #expect(problem("/livez", [], version: .http1_0) == nil)
    #expect(problem("/livez", version: .http2)?.status == 400)
    #expect(problem("/livez", [("Host", "[::1]:8101")]) == nil)
  }

  @Test("a very long target is refused")
  func long() { #expect(problem("/" + String(repeating: "a", count: 5000))?.status == 414) }
}
