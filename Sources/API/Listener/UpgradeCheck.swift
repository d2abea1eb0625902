/// Decides whether a handshake becomes a WebSocket, before anything is spent on it.
struct UpgradeCheck: Sendable {
  static let subprotocol = "v2.msg"

  /// Whose pages may connect.
  var origins: OriginRules

  struct Accepted: Equatable {
    /// To be echoed; nil when the client offered none.
    var subprotocol: String?
    var bearer: String?
    var key: String
  }

  /// - Throws: the problem to answer with.
  func decide(_ request: HandshakeRequest) throws(ProblemDetails) -> Accepted {
    guard RequestRules.isHost(request.host ?? "") else {
      throw .badRequest("The header field Host is no host with a port.")
    }
    if let problem = RequestRules.queryProblem(request.query) { throw problem }
    guard !request.hasBody else { throw .badRequest("A WebSocket handshake has no body.") }
    guard request.upgrade.contains("websocket"), request.connection.contains("upgrade") else {
      throw .upgradeRequired(
        "This is a WebSocket: send \"Connection: Upgrade\" and \"Upgrade: websocket\".",
        headers: [.init(.upgrade, "websocket"), .init(.webSocketVersion, "13")])
    }
    guard request.version == "13" else {
      throw .upgradeRequired(
        "Sec-WebSocket-Version is \(request.version.map { "\"\($0.prefix(16))\"" } ?? "missing"); 13 is spoken here.",
        headers: [.init(.upgrade, "websocket"), .init(.webSocketVersion, "13")])
    }
    guard let key = request.key, Self.isKey(key) else {
      throw .badRequest("Sec-WebSocket-Key has to be 16 bytes in base64 (24 characters).")
    }
    var chosen: String?
    if !request.subprotocols.isEmpty {
      guard request.subprotocols.contains(Self.subprotocol) else {
        throw .badRequest(
          "No offered subprotocol is spoken here; offer \"\(Self.subprotocol)\" in Sec-WebSocket-Protocol, or none.",
          code: "unsupported")
      }
      chosen = Self.subprotocol
    }
    if let origin = request.origin { try check(origin: origin) }
    return Accepted(subprotocol: chosen, bearer: try Self.bearer(request.authorization), key: key)
  }

  /// Only browsers send an origin, and they cannot be made to lie about it.
  private func check(origin: String) throws(ProblemDetails) {
    guard origins.allows(origin) else {
      throw .forbidden(
        "Pages of the origin \"\(origin.prefix(128))\" may not connect; it is not in the allowed origins.")
    }
  }

  static func bearer(_ authorization: String?) throws(ProblemDetails) -> String? {
    guard let authorization else { return nil }
    let words = authorization.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw .unauthorized("The header field Authorization has to be \"Bearer TOKEN\".")
    }
    let token = words[1].drop { $0 == " " }
    guard !token.isEmpty, !token.contains(" ") else {
      throw .unauthorized("The header field Authorization has to be \"Bearer TOKEN\".")
    }
    return String(token)
  }

  /// 16 bytes in base64 are 22 characters and "==".
  private static func isKey(_ key: String) -> Bool {
    let characters = Array(key.utf8)
    guard characters.count == 24, characters[22] == UInt8(ascii: "="), characters[23] == UInt8(ascii: "=")
    else {
      return false
    }
    return characters[..<22].allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
      default: false
      }
    }
  }
}
