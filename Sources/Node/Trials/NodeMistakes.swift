import Desk

/// Mistakes that can be built into a node on purpose, to see that the simulator finds them. None is ever set in a node that
/// serves.
package struct NodeMistakes: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// A client gets its answer when its command is proposed.
  package static let answerAtProposal = NodeMistakes(rawValue: 1 << 0)
  /// Reads are served without asking whether there is anything newer.
  package static let readWithoutBarrier = NodeMistakes(rawValue: 1 << 1)
  /// Reads are served when their index is known, before it is applied.
  package static let readBeforeApply = NodeMistakes(rawValue: 1 << 2)
  /// A command is applied whatever epoch it was proposed under.
  package static let epochUnchecked = NodeMistakes(rawValue: 1 << 3)
  /// A node proposes for sessions of other owners, under the epoch that it knows.
  package static let ownerUnchecked = NodeMistakes(rawValue: 1 << 4)
  /// A message that is sent again is a new message.
  package static let dedupOff = NodeMistakes(rawValue: 1 << 5)
  /// After a restart, entries that the snapshot contains are applied on top of it.
  package static let appliedTwice = NodeMistakes(rawValue: 1 << 6)
  /// An agent who comes back within its grace loses its chats all the same.
  package static let returnForgotten = NodeMistakes(rawValue: 1 << 7)
  /// Time in the state is the node's own, not the entry's.
  package static let ownClockApplied = NodeMistakes(rawValue: 1 << 8)
  /// What is sent after a resume goes before the resume is answered.
  package static let orderUnchecked = NodeMistakes(rawValue: 1 << 9)
  /// Requests that wait are not asked again when a leader is found, an owner has moved, or much time has passed.
  package static let neverRepeats = NodeMistakes(rawValue: 1 << 10)
  /// A node that has started again does not say that its agents of before are gone.
  package static let startUnannounced = NodeMistakes(rawValue: 1 << 11)
  /// Nobody is ever taken for lost.
  package static let lossUnseen = NodeMistakes(rawValue: 1 << 13)
  /// Time never passes for the desk.
  package static let timeStandsStill = NodeMistakes(rawValue: 1 << 14)
  /// After a snapshot has taken the state's place, those who follow hear nothing of what it brought.
  package static let installUntold = NodeMistakes(rawValue: 1 << 17)
  /// What is committed while a snapshot is read is applied to the old state.
  package static let appliesWhileLoading = NodeMistakes(rawValue: 1 << 18)
  /// Numbers of requests begin anew with each life of the process.
  package static let numbersBeginAnew = NodeMistakes(rawValue: 1 << 19)

  /// A refusal from a state that may be old is final.
  package static let doubtIgnored = NodeMistakes(rawValue: 1 << 21)

  /// A resume is answered without what was said meanwhile.
  package static let backlogForgotten = NodeMistakes(rawValue: 1 << 23)
  /// The level of the cluster is raised whatever its members read.
  package static let raisesBlindly = NodeMistakes(rawValue: 1 << 24)
  /// What comes after a snapshot is told while clients are still told what the snapshot has brought.
  package static let overtakesCatchUp = NodeMistakes(rawValue: 1 << 29)
  /// What an entry had no room to give to agents is given by none.
  package static let unservedForgotten = NodeMistakes(rawValue: 1 << 30)

  /// Customers who are gone are served all the same.
  package static let absenceIgnored = NodeMistakes(rawValue: 1 << 31)
  /// Nobody says that a customer is there again.
  package static let returnUnsaid = NodeMistakes(rawValue: 1 << 32)
  /// No owner says that a customer is gone.
  package static let absenceUnseen = NodeMistakes(rawValue: 1 << 33)
  /// Who asks over HTTP counts as there for the time of the request alone.
  package static let visitsUnseen = NodeMistakes(rawValue: 1 << 55)
  /// An agent who comes back is told which chats it has, and follows none of them.
  package static let chatsUnfollowed = NodeMistakes(rawValue: 1 << 34)

  /// Who votes is what the configuration file says at a start, until the log says otherwise.
  package static let fileSaysWhoVotes = NodeMistakes(rawValue: 1 << 25)
  /// An empty disk votes at once.
  package static let emptyDiskVotes = NodeMistakes(rawValue: 1 << 26)
  /// So does one that says that what it held is lost.
  package static let markedDiskVotes = NodeMistakes(rawValue: 1 << 27)
  /// What comes from a node of another cluster of the same name is taken as from one of this cluster.
  package static let clusterUnchecked = NodeMistakes(rawValue: 1 << 28)
  /// A node whose disk is behind what it has told counts as before.
  package static let oldCopyTaken = NodeMistakes(rawValue: 1 << 35)
  /// A bit of the state of node 2 flips now and then.
  package static let stateFlips = NodeMistakes(rawValue: 1 << 36)

  /// Whoever asks for their own sessions is told of them as this node knows them.
  package static let sessionsFromStale = NodeMistakes(rawValue: 1 << 37)
  /// Nobody listens to where others say that members are.
  package static let membersUnlearned = NodeMistakes(rawValue: 1 << 38)

  /// An operation that is asked for again is done again.
  static let operationsRepeated = NodeMistakes(rawValue: 1 << 39)
  /// Whose desk a session is of is not looked at.
  static let desksUnchecked = NodeMistakes(rawValue: 1 << 40)

  /// What a snapshot has brought goes into no archive.
  static let archiveKeepsGap = NodeMistakes(rawValue: 1 << 41)
  /// A snapshot is made of what the archive does not have yet.
  static let snapshotBeforeArchive = NodeMistakes(rawValue: 1 << 42)
  /// Sessions leave the state as soon as they are closed.
  static let endsAtOnce = NodeMistakes(rawValue: 1 << 43)
  /// Of what other archives give it, a page now and then is taken for written and is not.
  package static let archiveSkipsPage = NodeMistakes(rawValue: 1 << 44)
  /// What was erased stays in the log, as long as it would without that.
  static let erasureKeepsLog = NodeMistakes(rawValue: 1 << 45)
  /// An archive that was away does not hear who was erased.
  package static let erasureUnheard = NodeMistakes(rawValue: 1 << 46)
  /// The leader says that only the present month is kept, whatever its configuration.
  static let presentMonthDropped = NodeMistakes(rawValue: 1 << 47)
  /// An archive that was away does not hear which months were dropped.
  static let droppedUnheard = NodeMistakes(rawValue: 1 << 48)

  /// What somebody of the staff reads is noted nowhere.
  static let readUnnoted = NodeMistakes(rawValue: 1 << 49)

  /// A priority is worth nothing, whatever a policy says.
  static let creditIgnored = NodeMistakes(rawValue: 1 << 52)

  /// Timers run twice as fast as a desk's rules say.
  static let timersHurried = NodeMistakes(rawValue: 1 << 53)

  /// What only the team of a session is to know is told to all who follow it.
  static let noteToldToCustomer = NodeMistakes(rawValue: 1 << 54)

  /// Whoever says yes to an offer that has ended has it all the same, as whoever is asked now.
  static let acceptUnfenced = NodeMistakes(rawValue: 1 << 56)

  /// By name, in the order of their declaration.
  package static let named: [(name: String, mistake: NodeMistakes)] = [
    ("answer-at-proposal", .answerAtProposal), ("read-without-barrier", .readWithoutBarrier),
    ("read-before-apply", .readBeforeApply), ("epoch-unchecked", .epochUnchecked),
    ("owner-unchecked", .ownerUnchecked), ("dedup-off", .dedupOff), ("applied-twice", .appliedTwice),
    ("return-forgotten", .returnForgotten), ("own-clock-applied", .ownClockApplied),
    ("order-unchecked", .orderUnchecked), ("never-repeats", .neverRepeats),
    ("start-unannounced", .startUnannounced),
    ("loss-unseen", .lossUnseen), ("time-stands-still", .timeStandsStill),
    ("install-untold", .installUntold),
    ("applies-while-loading", .appliesWhileLoading), ("numbers-begin-anew", .numbersBeginAnew),
    ("doubt-ignored", .doubtIgnored),
    ("backlog-forgotten", .backlogForgotten),
    ("raises-blindly", .raisesBlindly),
    ("file-says-who-votes", .fileSaysWhoVotes), ("empty-voter", .emptyDiskVotes),
    ("marked-voter", .markedDiskVotes), ("cluster-unchecked", .clusterUnchecked),
    ("unserved-forgotten", .unservedForgotten), ("overtakes-catch-up", .overtakesCatchUp),
    ("old-copy-taken", .oldCopyTaken), ("state-flips", .stateFlips),
    ("absence-ignored", .absenceIgnored), ("return-unsaid", .returnUnsaid), ("absence-unseen", .absenceUnseen),
    ("chats-unfollowed", .chatsUnfollowed), ("sessions-from-stale", .sessionsFromStale),
    ("members-unlearned", .membersUnlearned), ("operations-repeated", .operationsRepeated),
    ("desks-unchecked", .desksUnchecked), ("archive-keeps-gap", .archiveKeepsGap),
    ("snapshot-before-archive", .snapshotBeforeArchive), ("ends-at-once", .endsAtOnce),
    ("archive-skips-page", .archiveSkipsPage), ("erasure-keeps-log", .erasureKeepsLog),
    ("erasure-unheard", .erasureUnheard), ("drops-present-month", .presentMonthDropped),
    ("dropped-unheard", .droppedUnheard), ("read-unnoted", .readUnnoted),
    ("credit-ignored", .creditIgnored), ("timers-hurried", .timersHurried),
    ("note-told-to-customer", .noteToldToCustomer), ("visits-unseen", .visitsUnseen),
    ("accept-unfenced", .acceptUnfenced),
  ]
}

extension Node {
  func has(_ mistake: NodeMistakes) -> Bool { configuration.mistakes.contains(mistake) }

  /// Commands as a node with one of these mistakes applies them.
  func mistaken(_ submissions: [Submission], index: UInt64) -> [Submission] {
    var submissions = submissions
    for place in submissions.indices {
      switch submissions[place].command {
      case .send(var send) where has(.epochUnchecked):
        if let owner = state.owner(of: send.session) { send.epoch = owner.epoch }
        submissions[place].command = .send(send)
      case .send(var send) where has(.dedupOff):
        send.id += "/\(index)/\(place)"
        submissions[place].command = .send(send)
      case .perform(let envelope) where has(.operationsRepeated):
        submissions[place].command = .perform(envelope.renamed("\(envelope.requestID)/\(index)/\(place)"))
      case .perform(let envelope) where has(.acceptUnfenced):
        guard envelope.operation == Accept.number, let offer = state.session(envelope.session)?.offered else {
          break
        }
        let by = Person(id: offer.agent.rawValue, role: .agent, name: envelope.by.name)
        submissions[place].command = .perform(
          Envelope(
            OperationRecord(
              Accept(session: envelope.session, offer: offer.number), id: envelope.requestID),
            by: by, epoch: envelope.epoch, level: state.level))
      case .setStatus(var status) where has(.returnForgotten):
        if state.agent(status.agent, in: status.desk)?.deadline != nil { status.status = .offline }
        submissions[place].command = .setStatus(status)
      case .arrange(let envelope) where has(.returnForgotten):
        guard var status = envelope.agentStatus, state.agent(status.agent, in: status.desk)?.deadline != nil
        else {
          break
        }
        status.status = .offline
        submissions[place].command = .setStatus(status)
      case .arrange(let envelope) where has(.creditIgnored):
        guard var set = envelope.record.opened(as: SetPolicy.self) else { break }
        set.policy.priorityCredit = 0
        submissions[place].command = .arrange(envelope.saying(set))
      case .arrange(let envelope) where has(.timersHurried):
        guard var set = envelope.record.opened(as: SetTimers.self) else { break }
        set.rules.queueLimit /= 2
        set.rules.noReply /= 2
        set.rules.idleClose /= 2
        submissions[place].command = .arrange(envelope.saying(set))
      case .attend(var attendance) where has(.absenceIgnored):
        attendance.absence?.queueGrace = 0
        submissions[place].command = .attend(attendance)
      case .send, .open, .perform, .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths,
        .raiseLevel,
        .attend, .govern, .arrange, .noteRead, .annotate:
        break
      }
    }
    return submissions
  }

  /// What the command will bring is guessed from the state as it is.
  mutating func answerEarly(_ submissions: [Submission]) {
    for submission in submissions where submission.origin.server == server {
      guard case .send(let send) = submission.command, let sequence = state.sequence(of: send.session),
        state.stored(send.session, messageID: send.id, by: send.sender) == nil
      else { continue }
      answer(
        submission.origin.request,
        .stored(send.session, sequence.next, time: state.now, isNew: true))
    }
  }
}

extension DeskEnvelope {
  /// The same request with another operation.
  fileprivate func saying(_ operation: some DeskOperation) -> DeskEnvelope {
    DeskEnvelope(
      DeskRecord(operation, id: record.requestID), by: by, in: desk, presence: presence, grace: grace)
  }
}
