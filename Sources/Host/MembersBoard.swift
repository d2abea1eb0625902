internal import Protocol
import Synchronization

/// The members as the replica's thread knows them, for those on other threads.
final class MembersBoard: Sendable {
  private let members: Mutex<[MemberAddress]>
  init(_ members: [MemberAddress]) { self.members = Mutex(members) }

  var current: [MemberAddress] { members.withLock { $0 } }
  func replace(_ newer: [MemberAddress]) { members.withLock { $0 = newer } }
}
