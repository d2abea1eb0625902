internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import Protocol

/// What routes that change something have in common: a small JSON body, and an answer that may be a refusal.
extension RouteSet {
  func body<Body: Decodable>(_: Body.Type, of request: Request, example: String) async throws -> Body {
    let bytes = try await request.body.collect(upTo: RequestReader.bodyBytes)
    do {
      return try JSONDecoder().decode(Body.self, from: Data(bytes.readableBytesView))
    } catch {
      throw ProblemDetails.badRequest("The body must be JSON like \(example).")
    }
  }

  func answered(_ work: () async throws -> some Encodable) async throws -> Response {
    do {
      return try Response.json(try await work())
    } catch let failure as ControlFailure {
      throw ProblemDetails(failure)
    }
  }
}

/// What has become of a change of the members.
struct MembersChanged: Encodable {
  var changed: Bool
  /// "done" or "pending".
  var state: String
  /// What it waits for.
  var detail: String?
  /// Where that can be seen.
  var see: String?
}

/// Whether there was anything to do.
struct Changed: Encodable { var changed: Bool }
