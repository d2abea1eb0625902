package import Raft

/// What happened in a run, counted.
package struct Tally: Sendable {
  package var simulatedMicroseconds = 0
  package var events = 0
  package var ticks = 0
  package var framesDelivered = 0
  package var framesLost = 0
  package var framesDoubled = 0
  package var datagramsDelivered = 0
  package var datagramsLost = 0
  /// Members that somebody has called dead, and that came back to somebody who had called them so.
  package var deaths = 0
  package var returns = 0
  package var hintsHeard = 0
  /// Milliseconds on gossip's clock from the end of all else until gossip knew all; the longest of all runs.
  package var longestSettling = 0
  package var elections = 0
  package var entriesCommitted = 0
  package var snapshotsMade = 0
  package var snapshotsInstalled = 0
  package var snapshotsRefused = 0
  package var tornWrites = 0
  /// Agents with chats who were away and came back in time, and chats of those who did not.
  package var agentsBack = 0
  package var chatsReleased = 0
  package var operationsDone = 0
  package var operationsUnanswered = 0
  /// Sessions that agents have handed on.
  package var handovers = 0
  /// Conversations of which a part had left the state, and was compared.
  package var longHistories = 0
  /// Customers who were erased.
  package var erasures = 0
  /// Conversations of others that somebody of the staff was shown.
  package var watched = 0
  /// Policies that were set or deleted.
  package var arranged = 0
  /// Notes that were written, and invitations.
  package var notes = 0
  package var invitations = 0
  /// Agents who were asked for a session; of these, who has said yes, and who has let it pass.
  package var offers = 0
  package var offersAccepted = 0
  package var offersPassed = 0
  /// Operations that were asked for by their declaration alone, and done.
  package var performed = 0
  package var reads = 0
  /// Answers to people who asked for their own open sessions.
  package var ownSessionsAsked = 0
  /// Histories of sessions that had left the state.
  package var archiveReads = 0
  /// Runs in which months were dropped, and histories that said so.
  package var monthsDropped = 0
  package var cutReads = 0
  /// By the name of the fault.
  package var faults: [String: Int] = [:]

  /// Branches of Raft that were reached.
  package var marks = MarkSet()

  package init() {}

  package mutating func add(_ other: Tally) {
    simulatedMicroseconds += other.simulatedMicroseconds
    events += other.events
    ticks += other.ticks
    framesDelivered += other.framesDelivered
    framesLost += other.framesLost
    framesDoubled += other.framesDoubled
    datagramsDelivered += other.datagramsDelivered
    datagramsLost += other.datagramsLost
    deaths += other.deaths
    returns += other.returns
    hintsHeard += other.hintsHeard
    longestSettling = max(longestSettling, other.longestSettling)
    elections += other.elections
    entriesCommitted += other.entriesCommitted
    snapshotsMade += other.snapshotsMade
    snapshotsInstalled += other.snapshotsInstalled
    snapshotsRefused += other.snapshotsRefused
    tornWrites += other.tornWrites
    agentsBack += other.agentsBack
    chatsReleased += other.chatsReleased
    operationsDone += other.operationsDone
    handovers += other.handovers
    erasures += other.erasures
    watched += other.watched
    arranged += other.arranged
    notes += other.notes
    invitations += other.invitations
    offers += other.offers
    offersAccepted += other.offersAccepted
    offersPassed += other.offersPassed
    longHistories += other.longHistories
    performed += other.performed
    operationsUnanswered += other.operationsUnanswered
    reads += other.reads
    ownSessionsAsked += other.ownSessionsAsked
    archiveReads += other.archiveReads
    monthsDropped += other.monthsDropped
    cutReads += other.cutReads
    marks.formUnion(other.marks)
    faults.merge(other.faults, uniquingKeysWith: +)
  }
}
