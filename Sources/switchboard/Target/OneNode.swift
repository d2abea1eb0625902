import Foundation
import NIOCore
import NIOHTTP1

/// The node that is asked for what it alone can do: something about the data on its machine.
struct OneNode {
  let url: String
  let http: NodeHTTP

  /// - Returns: the body of its answer.
  /// - Throws: `CommandFailure`.
  func post(_ path: String, _ json: Data? = nil) async throws -> Data {
    let answer: NodeHTTP.Answer
    do { answer = try await http.send(.POST, url + path, json) } catch {
      throw CommandFailure("\(url): \(NodeHTTP.reason(error))", .notNow)
    }
    guard answer.status == 200 else {
      throw CommandFailure(
        NodeHTTP.complaint(answer), NodeRound.isForNow(answer.status) ? .notNow : .refused)
    }
    return answer.body
  }
}

extension ControlTarget {
  /// - Parameter time: how long it may take.
  /// - Throws: `CommandFailure`, where it is not one node that is named.
  func node(within time: TimeAmount) async throws -> OneNode {
    let control = try await control()
    guard control.urls.count == 1, let url = control.urls.first else {
      throw CommandFailure("Name the one node whose data it is: --url http://HOST:PORT")
    }
    var http = control.http
    http.timeout = time
    return OneNode(url: url, http: http)
  }
}
