import Testing

@testable import API

@Suite("Whose pages may come")
struct OriginPatternTests {
  @Test(
    "an origin is itself, in any letters and with or without the port of its scheme; a star is any subdomain",
    arguments: [
      (
        "https://shop.example", ["https://shop.example", "https://SHOP.example", "https://shop.example:443"],
        [
          "http://shop.example", "https://a.shop.example", "https://shop.example:8443",
          "https://shop.example.evil", "null", "",
        ]
      ),
      ("http://localhost:3000", ["http://localhost:3000"], ["http://localhost", "https://localhost:3000"]),
      ("capacitor://localhost", ["capacitor://localhost"], ["http://localhost", "ionic://localhost"]),
      ("chrome-extension://abcdefg", ["chrome-extension://abcdefg"], ["chrome-extension://abcdef"]),
      ("file://", ["file://"], ["file://x", "null"]),
      ("http://[::1]:8080", ["http://[::1]:8080"], ["http://[::1]"]),
      (
        "https://*.shop.example",
        ["https://a.shop.example", "https://a.b.shop.example", "https://a.shop.example:443"],
        [
          "https://shop.example", "https://evilshop.example", "https://.shop.example", "http://a.shop.example",
          "https://a.shop.example:8443", "https://evil.example/.shop.example",
          "https://evil.example#.shop.example",
          "https://a.shop.example.evil", "https://user@a.shop.example",
        ]
      ),
      ("https://*.shop.example:8443", ["https://a.shop.example:8443"], ["https://a.shop.example"]),
      ("*", ["https://a.example", "null", "capacitor://localhost"], []),
    ] as [(String, [String], [String])])
  func matches(pattern: String, origins: [String], others: [String]) throws {
    let pattern = try OriginPattern(pattern)
    for origin in origins { #expect(pattern.matches(origin), "\(origin)") }
    for other in others { #expect(!pattern.matches(other), "\(other)") }
  }

  @Test(
    "what could never match is refused, and what to write is said",
    arguments: [
      ("https://shop.example/", "\"https://shop.example\""),
      ("https://shop.example/chat?x=1", "\"https://shop.example\""),
      ("https://Shop.Example", "\"https://shop.example\""),
      ("HTTPS://shop.example", "\"https://shop.example\""),
      ("https://shop.example:443", "\"https://shop.example\""),
      ("http://shop.example:80/", "\"http://shop.example\""),
      ("https://*.Shop.example:443/", "\"https://*.shop.example\""),
      ("wss://shop.example", "\"https://shop.example\""), ("ws://shop.example:80", "\"http://shop.example\""),
      ("shop.example", "\"https://shop.example\""), ("shop.example:3000/x", "\"https://shop.example:3000\""),
      ("*.shop.example", "\"https://shop.example\""), ("https://", "names no host"), ("://x", "no scheme"),
      ("https://*", "\"*\""), ("https://shop.*", "subdomains"), ("https://a*.shop.example", "subdomains"),
      ("https://*.*.example", "subdomains"), ("https://bücher.example", "xn--"), ("null", "\"*\""),
      ("https://u:p@shop.example", "user"), ("https://shop.example:99999", "65535"),
      ("https://shop.example:", "65535"), ("https://shop.example:*", "65535"), ("https://a..b", "single dots"),
      ("https://a b", "host"), ("http://[::1", "IPv6"),
    ])
  func refused(text: String, hint: String) {
    let problem = #expect(throws: OriginPattern.Problem.self) { try OriginPattern(text) }
    #expect(problem?.text.contains(hint) == true, "\(text): \(problem?.text ?? "taken")")
  }
}
