internal import Foundation
internal import Hummingbird

/// What a request over HTTP is remembered by: the header field `Idempotency-Key`, as text or in quotes
/// (draft-ietf-httpapi-idempotency-key-header).
enum IdempotencyKey {
  static let field = "Idempotency-Key"

  /// - Parameter length: characters that are allowed; 0: any.
  /// - Returns: one of its own when the client has sent none: then a repetition is a new request.
  static func read(_ headers: HTTPFields, length: Int) throws(ProblemDetails) -> String {
    let values = headers.filter { $0.name.rawName.lowercased() == field.lowercased() }.map(\.value)
    guard values.count < 2 else { throw .badRequest("The header field \(field) comes twice.") }
    guard var key = values.first else { return "http-" + UUID().uuidString }
    if key.utf8.count >= 2, key.hasPrefix("\""), key.hasSuffix("\"") {
      key = String(key.dropFirst().dropLast())
    }
    let isVisible = key.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\"") }
    guard !key.isEmpty, isVisible, length == 0 || key.utf8.count <= length else {
      let most = length == 0 ? "" : ", \(length) at the most"
      throw .badRequest("The header field \(field) must be visible characters of ASCII\(most).")
    }
    return key
  }
}
