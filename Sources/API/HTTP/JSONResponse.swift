internal import Foundation
internal import Hummingbird
internal import NIOCore

extension Response {
  /// A JSON document, keys in snake case.
  static func json(_ document: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    .text(try jsonText(of: document), type: "application/json", status: status)
  }

  static func jsonText(of document: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }

  /// A JSON document with its tag; without its text when the reader has it already.
  static func tagged(_ text: String, _ tag: String, for request: Request) -> Response {
    var response = Response.text(text, type: "application/json")
    if EntityTag.isKnown(tag, by: request.headers) {
      response = Response(status: .notModified, headers: [.cacheControl: "no-store"])
    }
    response.headers[.eTag] = tag
    return response
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
