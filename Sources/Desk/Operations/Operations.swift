internal import Kernel

/// All that clients may ask for. One that is not named here does not exist.
package enum Operations {
  package static let all: [any ClientOperation.Type] = [
    Open.self, Join.self, Send.self, Read.self, Typing.self, SetStatus.self, EndWrapUp.self, Close.self,
    Transfer.self, Rate.self, History.self, Sessions.self, CreateDesk.self, ConfigureDesk.self,
    DeleteDesk.self, Desks.self, Search.self, PastSessions.self, ReportConversations.self, EraseCustomer.self,
    Erasures.self, AuditLog.self, SetPolicy.self, DeletePolicy.self, Policies.self, Explain.self,
    SetCalendar.self, DeleteCalendar.self, Calendars.self, Hours.self, SetTimers.self, Timers.self,
    Claim.self, Accept.self, Decline.self, Invite.self, Leave.self,
    WriteNote.self, Whisper.self, Watch.self, Unwatch.self, TakeOver.self, Notes.self, Participants.self,
  ]

  /// Names that are reserved for what is to come: answered otherwise than what was never heard of.
  package static let later: [StaticString] = [
    "monitor"
  ]

  package static func named(_ name: UnsafeRawBufferPointer) -> (any ClientOperation.Type)? {
    all.first { name.equals($0.name) }
  }

  /// By the type of its binary frame.
  package static func framed(_ type: UInt8) -> (any ClientOperation.Type)? { byFrameType[Int(type)] }

  private static let byFrameType: [(any ClientOperation.Type)?] = {
    var table: [(any ClientOperation.Type)?] = Array(repeating: nil, count: 256)
    for type in all { table[Int(type.frameType)] = type }
    return table
  }()
}

extension ClientOperation {
  /// What is asked for in these words.
  /// - Throws: `Failure`: who asks may not, an id is missing, or a field is not what it has to be.
  package static func request(
    _ text: UnsafeRawBufferPointer, role: UserRole, by asker: Asker
  ) throws(Failure) -> DeskRequest {
    try check(role)
    if isRemembered, asker.requestID.isEmpty { throw .noID(for: name) }
    return try fields.read(text).request(by: asker)
  }

  /// What is asked for by the fields of a binary frame.
  /// - Throws: as the other.
  package static func request(
    _ record: inout RecordReader, role: UserRole, by asker: Asker
  ) throws(Failure) -> DeskRequest {
    try check(role)
    if isRemembered, asker.requestID.isEmpty { throw .noID(for: name) }
    return try fields.hear(&record).request(by: asker)
  }
}

extension Failure {
  package static func noID(for name: StaticString) -> Failure {
    Failure(.badFrame, "`\(name)` needs an `id`, a string that you choose.")
  }
}
