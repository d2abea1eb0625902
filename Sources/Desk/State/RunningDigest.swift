import Kernel

/// A sum over all that was applied and what came of it, so that nodes find out whether they have the same state without
/// looking at all of it: part of the state, from level 2 on.
///
/// What goes into it is the place and checksum of each entry of commands, and each effect. So it differs for good from the
/// entry on in which two logs or two states were not the same; what is wrong in a state shows when it is next used. How it
/// is reckoned is part of what a level means: nodes of different releases compare their sums.
struct RunningDigest: Hashable, Sendable {
  private(set) var value: UInt64 = 0

  init(_ value: UInt64 = 0) { self.value = value }

  /// Of what a request says: another one with the same id is not the same request.
  static func value(of fields: [UInt8]) -> UInt64 {
    var digest = RunningDigest()
    digest.mix(fields)
    return digest.value
  }

  mutating func mix(_ number: UInt64) {
    var mixed = value ^ number &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
    value = mixed ^ (mixed >> 32)
  }

  mutating func mix(_ text: String) { mixBytes(text.utf8) }

  mutating func mix(_ bytes: [UInt8]) { mixBytes(bytes) }

  /// FNV-1a over the bytes, and their number.
  private mutating func mixBytes(_ bytes: some Swift.Sequence<UInt8>) {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    var count: UInt64 = 0
    for byte in bytes {
      sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3
      count += 1
    }
    mix(sum ^ count)
  }

  mutating func mix(_ effect: Effect) {
    switch effect {
    case .answer(let origin, let answer):
      mix(1 ^ origin.server.rawValue << 8)
      mix(origin.request)
      mix(answer)
    case .message(let session, let sequence):
      mix(2 ^ sequence.rawValue << 8)
      mix(session.rawValue)
    case .session(let session, let change):
      mix(3)
      mix(session.rawValue)
      mix(change)
    case .agent(let desk, let agent):
      mix(4 ^ UInt64(desk.rawValue) << 8)
      mix(agent.rawValue)
    case .serverLost(let server, let sessions, let agents, let more):
      mix(5 ^ server.rawValue << 8)
      mix(UInt64(truncatingIfNeeded: sessions) << 1 ^ (more ? 1 : 0))
      mix(UInt64(truncatingIfNeeded: agents))
    case .timePassed(let chats): mix(6 ^ UInt64(truncatingIfNeeded: chats) << 8)
    case .news(let session, let news):
      mix(8 ^ UInt64(news.number) << 8)
      mix(session.rawValue)
      mix(news.fields)
    case .audited(let link):
      mix(9 ^ UInt64(link.desk.rawValue) << 8)
      mix(link.entry.number)
      mix(link.hash.bytes)
    case .annotated(let row):
      mix(10)
      mix(row.stored)
    case .levelRaised(let level): mix(7 ^ UInt64(level.rawValue) << 8)
    }
  }

  private mutating func mix(_ answer: Answer) {
    switch answer {
    case .opened(let session, let isNew):
      mix(isNew ? 1 : 2)
      mix(session.rawValue)
    case .stored(let session, let sequence, let time, let isNew):
      mix((isNew ? 3 : 4) ^ sequence.rawValue << 8)
      mix(session.rawValue)
      mix(time)
    case .done: mix(5)
    case .refused(let refusal): mix(6 ^ Self.number(refusal) << 8)
    }
  }

  private static func number(_ refusal: Refusal) -> UInt64 {
    switch refusal {
    case .notFound: 1
    case .sessionClosed: 2
    case .conflict: 3
    case .forbidden: 4
    case .noSuchAgent: 5
    case .agentUnavailable: 6
    case .staleEpoch: 7
    case .earlierLife: 8
    case .tooLate: 9
    case .noSuchDesk: 10
    case .deskFull: 11
    case .deskClosed: 12
    case .deskExists: 13
    case .deskInUse: 14
    case .tooManyDesks: 15
    case .preconditionFailed: 16
    case .customerInUse: 17
    case .tooManyErasures: 18
    case .calendarChanged: 60
    case .tooManyCalendars: 61
    case .timersChanged: 62
    case .queueFull: 40
    case .policyChanged: 41
    case .tooManyPolicies: 42
    case .policiesInUse: 43
    case .taken: 50
    case .unserved: 51
    case .tooManyInvited: 52
    case .tooManyWatching: 53
    case .tooManyNotes: 54
    case .offerEnded: 55
    }
  }

  private mutating func mix(_ change: SessionChange) {
    switch change {
    case .opened: mix(1)
    case .released(let agent):
      mix(2)
      mix(agent.rawValue)
    case .transferred(let agent, let target):
      mix(3)
      mix(agent?.rawValue ?? "")
      switch target {
      case .agent(let agent):
        mix(1)
        mix(agent.rawValue)
      case .skill(let skill):
        mix(2)
        mix(skill)
      }
    case .queued(let position): mix(4 ^ UInt64(truncatingIfNeeded: position) << 8)
    case .assigned(let agent):
      mix(5)
      mix(agent.rawValue)
    case .closed(let person, let reason):
      mix(6)
      mix(person.id)
      mix(reason)
    case .left: mix(7)
    case .returned: mix(8)
    case .unclaimed(let offers): mix(9 ^ UInt64(offers) << 8)
    }
  }
}

extension ReplicatedState {
  /// The sum over all that was applied since the cluster is at level 2; 0 before.
  package var digest: UInt64 { running.value }

  /// To be called after each entry of commands, with its checksum and its effects.
  package mutating func seal(index: UInt64, term: UInt64, checksum: UInt32, _ effects: [Effect]) {
    guard level >= .second else { return }
    running.mix(index)
    running.mix(term << 32 ^ UInt64(checksum))
    for effect in effects { running.mix(effect) }
  }

  /// A bit of the state is another one than it was, as memory that fails would have it. For trials.
  package mutating func flipBit() { now |= (~now >> 20 & (now >> 20 &+ 1)) << 20 }
}
