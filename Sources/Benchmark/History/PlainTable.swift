import Desk
import Foundation
import GRDB

/// What somebody would write first: a row a message, an index by session, no search but reading all.
struct PlainTable {
  private let path: String
  private let queue: DatabaseQueue

  init(_ path: String) throws {
    self.path = path
    queue = try DatabaseQueue(path: path)
    try queue.inDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
      try db.execute(
        sql: """
          CREATE TABLE message(session INTEGER, sequence INTEGER, id TEXT, sender TEXT, role INTEGER, time INTEGER,
          body TEXT, PRIMARY KEY(session, sequence))
          """)
    }
  }

  mutating func write(_ batch: [(SessionID, [Message])]) throws {
    try queue.write { db in
      let statement = try db.cachedStatement(sql: "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)")
      for (session, messages) in batch {
        for message in messages {
          try statement.execute(arguments: [
            Int64(session.rawValue), Int64(message.sequence.rawValue), message.id, message.sender.id,
            message.sender.role.rawValue, Int64(message.time), String(decoding: message.body, as: UTF8.self),
          ])
        }
      }
    }
  }

  func page(_ session: SessionID, limit: Int) throws -> Int {
    try queue.read { db in
      try Row.fetchAll(
        db.cachedStatement(
          sql: "SELECT * FROM message WHERE session = ? AND sequence > 0 ORDER BY sequence LIMIT \(limit)"),
        arguments: [Int64(session.rawValue)]
      ).count
    }
  }

  func search(_ word: String) throws -> Int {
    try queue.read { db in
      try Row.fetchAll(
        db.cachedStatement(sql: "SELECT * FROM message WHERE body LIKE ? ORDER BY rowid DESC LIMIT 20"),
        arguments: ["%\(word)%"]
      ).count
    }
  }
}
