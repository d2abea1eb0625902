internal import Foundation
internal import Hummingbird
internal import NIOCore

extension Response {
  /// A JSON document, keys in snake case.
  /// - Parameter edit: changes the text before it is sent.
  static func json(
    _ document: some Encodable, status: HTTPResponse.Status = .ok, edit: (String) -> String = { $0 }
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var headers = HTTPFields()
    headers[.contentType] = "application/json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: status, headers: headers,
      body: .init(
        byteBuffer: ByteBuffer(string: edit(String(decoding: try encoder.encode(document), as: UTF8.self)))))
  }

  /// - Parameter text: a JSON document.
  static func json(text: String) -> Response { .text(text, type: "application/json") }

  static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.cacheControl] = "no-store"
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
