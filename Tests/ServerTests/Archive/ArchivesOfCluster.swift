import Foundation
import Testing

/// What tests of archives on real nodes do again and again.
extension TestCluster {
  /// What a node says of its own archive.
  func ownArchive(_ node: Int) async -> [String: Any]? {
    let status = await status(node)
    let own = (status?["members"] as? [[String: Any]])?.first {
      $0["id"] as? String == status?["observed_by"] as? String
    }
    return own?["archive"] as? [String: Any]
  }

  /// Over all rows of a node, whether it runs or not. Records an issue for what is damaged.
  func archiveHash(_ node: Int) throws -> String {
    let checked = try run(
      ["archive", "check", "--hash", "--data", directory + "/data\(node)"], complaints: true)
    #expect(checked.status == 0 && checked.output.contains("no damage"), "\(checked.output)")
    return checked.output.split(separator: "\n").last.map(String.init) ?? ""
  }

  /// What staff reads is noted, and may be on its way to an archive: so they are the same a little later.
  func expectSameArchives(_ nodes: [Int]) async throws {
    try await eventually("the archives of \(nodes) are the same") {
      let hashes = try nodes.map { try archiveHash($0) }
      return hashes.allSatisfy { $0 == hashes.first && $0.hasPrefix("hash ") }
    }
  }

  /// Conversations of customers with a word, which are closed and have left the memory of all nodes that are named.
  /// - Parameter node: where they are held.
  /// - Returns: the sessions.
  @discardableResult
  func talk(
    _ word: String, sessions count: Int, lines: Int, on node: Int = 1, seenBy nodes: [Int] = [1, 2, 3]
  ) async throws -> [String] {
    let before = await ownArchive(node)?["sessions"] as? Int ?? 0
    var sessions: [String] = []
    for number in 1...count {
      let token = try token("customer", "\(word)-\(number)")
      let opened = try await post(node, "/v1/sessions", #"{"channel":"web"}"#, token: token)
      let session = try #require(opened.1["session"] as? String, "\(opened)")
      for line in 1...lines {
        let said = try await post(
          node, "/v1/sessions/\(session)/messages", #"{"body":"\#(word) \#(line)"}"#, token: token)
        #expect(said.0 == 201, "\(said)")
      }
      #expect(try await post(node, "/v1/sessions/\(session)/close", "{}", token: token).0 == 200)
      sessions.append(session)
    }
    for node in nodes {
      try await eventually("node \(node) has them in its archive alone") {
        let archive = await self.ownArchive(node)
        let closed = (await self.status(node)?["sessions"] as? [String: Int])?["closed"]
        return closed == 0 && archive?["sessions"] as? Int ?? 0 >= before + count
      }
    }
    return sessions
  }
}
