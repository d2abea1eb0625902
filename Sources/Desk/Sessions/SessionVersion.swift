package import Kernel

/// Which session it is after all that was done to it: another number whenever a message was said, somebody else serves it, its
/// state has changed or an operation has left something with it. All nodes come to the same number from the log alone, so that
/// it can be compared when a command is applied. What only some node knows, and what moves by itself, is no part of it: who is
/// connected, the place in the line, the owner.
package struct SessionVersion: Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  init(of session: Session) {
    var writer = ByteWriter()
    writer.write(session.state.rawValue)
    writer.writeVarint(session.sequence.rawValue)
    writer.writeVarint(session.updatedAt)
    writer.write(string: session.skill)
    writer.writeVarint(UInt64(session.agents.count))
    for agent in session.agents { writer.write(string: agent.rawValue) }
    session.facets.encode(into: &writer)
    // Those whom its customer sees. Notes and watchers are no part of it.
    for agent in session.invited { writer.write(string: agent.rawValue) }
    // What was done twice within a millisecond is told apart by who has asked for it.
    if let last = session.done.list.last {
      writer.write(last.digest)
      writer.write(string: last.person.text)
      writer.write(string: last.request.text)
    }
    rawValue = RunningDigest.value(of: writer.bytes)
  }
}

extension Session {
  package var version: SessionVersion { SessionVersion(of: self) }
}

/// What has to be so for an operation to be carried out; decided where it is applied.
package struct Expectation: Hashable, Sendable {
  /// The first level whose nodes know of it.
  package static let since = Level.fifth
  /// Versions that one operation may name.
  package static let most = 8

  /// The session is one of these; nil: whatever it is.
  package let versions: [SessionVersion]?

  package static let none = Expectation(versions: nil)

  /// - Parameter versions: at most `most`; none at all: no session is what was expected.
  package init(versions: [SessionVersion]?) { self.versions = versions }

  func isMet(by session: borrowing Session) -> Bool {
    guard let versions else { return true }
    return versions.contains(session.version)
  }

  /// In front of the fields of an operation, from `since` on: one more than their number, or 0 for none.
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(versions.map { $0.count + 1 } ?? 0))
    for version in versions ?? [] { writer.write(version.rawValue) }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let count = try reader.readVarint()
    guard count <= UInt64(Self.most) + 1 else { throw .invalid("an operation expects \(count) versions") }
    guard count > 0 else {
      self = .none
      return
    }
    var versions: [SessionVersion] = []
    for _ in 1..<count { versions.append(SessionVersion(rawValue: try reader.readUInt64())) }
    self.versions = versions
  }
}
