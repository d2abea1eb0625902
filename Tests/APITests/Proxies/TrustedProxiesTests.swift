import Gateway
import NIOHTTP1
import Testing

@testable import API

@Suite("For whom a proxy asks")
struct TrustedProxiesTests {
  private static func proxies(_ header: TrustedProxies.Header = .any) throws -> TrustedProxies {
    TrustedProxies(
      try ["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48", "fd00::7"].map { try IPNetwork($0) }, header: header)
  }

  private static func client(
    _ peer: String, _ fields: [(String, String)], _ header: TrustedProxies.Header = .any
  ) throws -> String {
    let proxies = try proxies(header)
    return proxies.client(
      of: proxies.caller(at: IPAddress(text: peer)), ForwardingFields(HTTPHeaders(fields)))
  }

  @Test(
    "X-Forwarded-For counts from the right, up to the first that is no proxy",
    arguments: [
      (["203.0.113.9"], "203.0.113.9"),
      (["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
      (["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
      (["203.0.113.9,10.1.2.3\t,192.0.2.1"], "203.0.113.9"),
      (["6.6.6.6, 203.0.113.9", "10.1.2.3"], "203.0.113.9"),
      (["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
      (["203.0.113.9:4711"], "203.0.113.9"),
      (["2001:db8:2:3:4:5:6:7"], "2001:db8:2:3::/64"),
      (["2001:db8:2:3:9:9:9:9, 2001:db8:1::5"], "2001:db8:2:3::/64"),
      (["[2001:db8:2:3::1]:443"], "2001:db8:2:3::/64"),
      (["[2001:db8:2:3::1]"], "2001:db8:2:3::/64"),
      (["::ffff:203.0.113.9"], "203.0.113.9"),
      // What is behind a proxy that cannot be named is nobody's: the nearest one that is known counts.
      (["6.6.6.6, nonsense"], "10.0.0.1"), (["6.6.6.6, unknown, 10.9.9.9"], "10.9.9.9"),
      (["6.6.6.6,"], "10.0.0.1"), ([""], "10.0.0.1"), (["1.2.3"], "10.0.0.1"), (["1.2.3.4.5"], "10.0.0.1"),
      (["010.1.1.1"], "10.0.0.1"), (["[1.2.3.4]"], "10.0.0.1"), (["fe80::1%eth0"], "10.0.0.1"),
      (["1.2.3.4:99999999"], "10.0.0.1"), (["_hidden"], "_hidden"),
      // All are proxies: the first of them asks for itself.
      (["10.5.5.5, 10.6.6.6"], "10.5.5.5"),
      ([], "10.0.0.1"),
    ] as [([String], String)])
  func list(lines: [String], expected: String) throws {
    let fields = lines.map { ("X-Forwarded-For", $0) }
    #expect(try Self.client("10.0.0.1", fields) == expected)
    #expect(try Self.client("10.0.0.1", fields, .forwardedFor) == expected)
    #expect(try Self.client("10.0.0.1", fields, .forwarded) == "10.0.0.1")
    // Nobody else is believed.
    #expect(try Self.client("203.0.113.77", fields) == "203.0.113.77")
    #expect(try Self.client("2001:db8:ffff::1", fields) == "2001:db8:ffff:0::/64")
  }

  @Test(
    "Forwarded is read as RFC 7239 has it",
    arguments: [
      (["for=203.0.113.9"], "203.0.113.9"),
      ([#"For="[2001:db8:cafe::17]:4711""#], "2001:db8:cafe:0::/64"),
      (["for=203.0.113.9;proto=http;by=203.0.113.43"], "203.0.113.9"),
      (["proto=https; for=203.0.113.9 ; host=\"a,b;c\", for=10.1.1.1"], "203.0.113.9"),
      (["for=6.6.6.6, for=203.0.113.9", "for=192.0.2.1"], "203.0.113.9"),
      ([#"for="203.0.113.9:_port""#], "203.0.113.9"), ([#"for="203\.0.113.9""#], "203.0.113.9"),
      (["for=_gazonk"], "_gazonk"), ([#"for="_SEVKISEK:47""#], "_SEVKISEK"),
      (["for=6.6.6.6, for=_k, for=10.1.1.1"], "_k"),
      (["for=unknown"], "10.0.0.1"), (["for=6.6.6.6, proto=http"], "10.0.0.1"),
      (["for=6.6.6.6,, for=10.2.2.2"], "10.2.2.2"),
      (["for=6.6.6.6;for=7.7.7.7"], "10.0.0.1"), ([#"for="6.6.6.6"#], "10.0.0.1"), (["for="], "10.0.0.1"),
      (["for 6.6.6.6"], "10.0.0.1"), (["=6.6.6.6"], "10.0.0.1"), (["for=_"], "10.0.0.1"),
      (["for=_a/b"], "10.0.0.1"),
      // A line that cannot be read hides what stands before it, as it could be anything.
      (["for=6.6.6.6", "for=\""], "10.0.0.1"),
    ] as [([String], String)])
  func standard(lines: [String], expected: String) throws {
    let fields = lines.map { ("Forwarded", $0) }
    #expect(try Self.client("10.0.0.1", fields) == expected)
    #expect(try Self.client("10.0.0.1", fields, .forwarded) == expected)
    #expect(try Self.client("10.0.0.1", fields, .forwardedFor) == "10.0.0.1")
    #expect(try Self.client("203.0.113.77", fields) == "203.0.113.77")
  }

  @Test("with both headers one may be the client's own: only what both say is believed")
  func both() throws {
    let list = ("x-forwarded-for", "203.0.113.9")
    let same = ("forwarded", "for=203.0.113.9")
    let other = ("forwarded", "for=6.6.6.6")
    #expect(try Self.client("fd00::7", [list, same]) == "203.0.113.9")
    #expect(try Self.client("fd00::7", [list, other]) == "fd00:0:0:0::/64")
    #expect(try Self.client("fd00::7", [list, other], .forwardedFor) == "203.0.113.9")
    #expect(try Self.client("fd00::7", [list, other], .forwarded) == "6.6.6.6")
  }

  @Test(
    "networks",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/8", "a00::", false),
      ("192.0.2.128/25", "192.0.2.200", true), ("192.0.2.128/25", "192.0.2.100", false),
      ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "1.2.3.4", true),
      ("0.0.0.0/0", "::1", false), ("::/0", "::1", true), ("2001:db8::/33", "2001:db8:7fff::1", true),
      ("2001:db8::/33", "2001:db8:8000::1", false), ("::ffff:10.0.0.0/104", "10.3.3.3", true),
      ("10.0.0.0/8", "::ffff:10.3.3.3", true),
    ] as [(String, String, Bool)])
  func networks(name: String, address: String, isInside: Bool) throws {
    let address = try #require(IPAddress(text: address))
    #expect(try IPNetwork(name).contains(address) == isInside)
  }

  @Test(
    "what is no network",
    arguments: [
      "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.1/8", "example.com", "10.0.0",
      "::/129",
      "2001:db8::1/64", "10.0.0.0/ 8", "*", "::ffff:10.0.0.0/90", "fe80::1%lo",
    ])
  func noNetwork(name: String) {
    #expect(throws: IPNetwork.Problem.self) { try IPNetwork(name) }
  }
}
