import Foundation

/// A frame that a client sends, as the JSON object of `v2.msg`. Fields that are nil are left out.
struct SentFrame: Encodable, Sendable, Equatable {
  struct ResumePoint: Codable, Sendable, Equatable {
    var session: String
    var after: UInt64
  }

  var type: String
  var id: String?
  var token: String?
  var receipts: Bool?
  var resume: [ResumePoint]?
  var session: String?
  var after: UInt64?
  var before: UInt64?
  var since: UInt64?
  var limit: Int?
  var seq: UInt64?
  var on: Bool?
  var body: String?
  var status: String?
  var skills: [String]?
  var capacity: Int?
  var channel: String?
  var skill: String?
  var intent: String?
  var priority: Int?
  var attributes: [String: String]?
  var reason: String?
  var agent: String?

  init(_ type: String, id: String? = nil) {
    self.type = type
    self.id = id
  }

  /// The frame's text, ready for the wire.
  func encoded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
