package import Desk
import Kernel
import Protocol
import Raft

/// Rows of another node's archive, for this one's.
package struct ArchivePageToWrite: Sendable {
  package var number: UInt64
  package var page: ArchiveRowPage
  /// With this page the rows of these entries are all there; nil: nothing is claimed.
  package var filled: ArchiveGap?
}

/// What became of them.
package enum ArchivePageOutcome: Sendable {
  /// On the disk. This is missing now.
  case written(ArchiveGaps)
  /// They are not what the other archive has: whoever sent them is asked no more for a while.
  case refused(String)
  case failed(String)
}

/// How long is waited while an archive is filled from others; in milliseconds.
package struct FillingPatience: Sendable {
  /// A page that has not come by then does not come any more.
  package var answer = 20_000
  /// Between two questions to a node that has much to do.
  package var pause = 1_000
  /// Before all are asked again, when none has all.
  package var rest = 60_000
  /// After a page that could not be written.
  package var retry = 5_000
  package init() {}
}

/// How the gaps of this node's archive are filled from those of others: one page after the other, of one node after the other. While a
/// page is written the next one is asked for, so the disk of neither waits for that of the other. A node
/// says over which parts its own archive misses nothing. Where no node has all of a part, what there is is taken, the gap stays,
/// and all are asked again a while later.
struct ArchiveFilling {
  /// So many times a node may say that it has much to do; then another one is asked.
  static let mostRefusals = 10

  private struct Question {
    let peer: NodeID
    let number: UInt64
    let request: ArchivePageRequest
    let at: Instant
  }

  /// What the archive misses, as it said last.
  private(set) var gaps = ArchiveGaps()
  /// Rows that came from others since this node has started.
  private(set) var rows: UInt64 = 0
  /// The one that has no answer yet.
  private var asked: Question?
  /// Its answer, which waits until the page before it is written.
  private var waiting: (question: Question, page: ArchiveRowPage)?
  private var writing: (question: Question, next: ArchiveRowPlace?, rows: Int)?
  /// Of the last question.
  private var number: UInt64 = 0
  /// What is filled now, of whom, and how far.
  private var target: ArchiveGap?
  private var source: NodeID?
  private var place: ArchiveRowPlace?
  /// They have nothing of the target, or not all of it.
  private var passedOver: Set<NodeID> = []
  /// Nobody has all: what there is is taken.
  private var takesIncomplete = false
  private var notBefore: Instant?
  /// In which everybody was asked.
  private var rounds = 0
  /// Since the last page.
  private var refusals = 0

  private let patience: FillingPatience

  init(_ gaps: ArchiveGaps, _ patience: FillingPatience) { (self.gaps, self.patience) = (gaps, patience) }

  mutating func know(_ gaps: ArchiveGaps) { self.gaps = gaps }

  /// The archive is given the state first, or cannot be written: what was under way counts for nothing.
  mutating func beginAnew() {
    guard target != nil else { return }
    forget()
    writing = nil
    (target, place) = (nil, nil)
  }

  /// What has not come to the disk is asked for again.
  private mutating func forget() { (asked, waiting) = (nil, nil) }

  /// Whom to ask for what, if now is the time.
  /// - Parameter others: those who can be asked, ascending.
  mutating func next(_ others: [NodeID], now: Instant) -> (peer: NodeID, number: UInt64, ArchivePageRequest)? {
    if let asked, now - asked.at > .milliseconds(Int64(patience.answer)) { passOver(asked.peer) }
    guard asked == nil, waiting == nil, notBefore.map({ $0 <= now }) ?? true else { return nil }
    notBefore = nil
    if let source, !others.contains(source) { leave(source) }
    if let writing { return askAhead(of: writing.question, place: writing.next, now: now) }
    guard !gaps.isEmpty else {
      (target, place, passedOver, takesIncomplete) = (nil, nil, [], false)
      return nil
    }
    if target == nil { (target, place) = (gaps.list[rounds % gaps.list.count], nil) }
    guard let target, let peer = source ?? choose(others, now) else { return nil }
    source = peer
    return ask(peer, ArchivePageRequest(gap: target, place: place, takesIncomplete: takesIncomplete), now)
  }

  /// - Parameter place: behind the page that is being written; nil: that is the last one.
  private mutating func askAhead(
    of before: Question, place: ArchiveRowPlace?, now: Instant
  ) -> (peer: NodeID, number: UInt64, ArchivePageRequest)? {
    guard let place, source == before.peer, target == before.request.gap else { return nil }
    var request = before.request
    request.place = place
    return ask(before.peer, request, now)
  }

  private mutating func ask(
    _ peer: NodeID, _ request: ArchivePageRequest, _ now: Instant
  ) -> (peer: NodeID, number: UInt64, ArchivePageRequest) {
    number += 1
    asked = Question(peer: peer, number: number, request: request, at: now)
    return (peer, number, request)
  }

  /// The next one behind the last that was asked, so that not all ask the same.
  private mutating func choose(_ others: [NodeID], _ now: Instant) -> NodeID? {
    let left = others.filter { !passedOver.contains($0) }
    if let peer = left.first { return peer }
    if !others.isEmpty, !takesIncomplete {
      (takesIncomplete, passedOver) = (true, [])
      return others.first
    }
    // All were asked for what they have, or there is nobody.
    notBefore = now + .milliseconds(Int64(others.isEmpty ? patience.pause : patience.rest))
    (takesIncomplete, passedOver, target, place) = (false, [], nil, nil)
    // What nobody has keeps no other gap from being filled.
    rounds += 1
    return nil
  }

  /// - Returns: what is to be written now.
  mutating func came(_ page: ArchiveRowPage, number: UInt64, from peer: NodeID) -> ArchivePageToWrite? {
    guard let question = asked, question.peer == peer, question.number == number else { return nil }
    (asked, refusals) = (nil, 0)
    guard writing == nil else {
      waiting = (question, page)
      return nil
    }
    return take(page, question)
  }

  private mutating func take(_ page: ArchiveRowPage, _ question: Question) -> ArchivePageToWrite? {
    let request = question.request
    if !request.takesIncomplete, page.complete != [request.gap] {
      // It has all of a part: that part comes first.
      let part = page.complete.first { request.gap.covers($0) && $0 != request.gap && !$0.isEmpty }
      if let part, request.place == nil { target = part } else { passOver(question.peer) }
      return nil
    }
    writing = (question, page.next, page.rows.count)
    // With a place that says nothing of entries, or in what is not all, only the end counts.
    var filled: ArchiveGap? = request.takesIncomplete ? nil : request.gap
    if let next = page.next {
      filled?.upTo = next.isExact ? min(next.made - min(next.made, 1), request.gap.upTo) : request.gap.after
    }
    return ArchivePageToWrite(
      number: question.number, page: page, filled: filled.flatMap { $0.isEmpty ? nil : $0 })
  }

  mutating func isBusy(_ peer: NodeID, number: UInt64, now: Instant) {
    guard let question = asked, question.peer == peer, question.number == number else { return }
    asked = nil
    notBefore = now + .milliseconds(Int64(patience.pause))
    refusals += 1
    if refusals >= Self.mostRefusals { passOver(peer) }
  }

  /// - Returns: what is to be written next.
  mutating func wrote(_ outcome: ArchivePageOutcome, number: UInt64, now: Instant) -> ArchivePageToWrite? {
    if case .written(let gaps) = outcome { self.gaps = gaps }
    guard let (question, next, rows) = writing, question.number == number else { return nil }
    writing = nil
    switch outcome {
    case .written:
      self.rows += UInt64(rows)
      // Another node may be asked by now, or for something else.
      guard source == question.peer, target == question.request.gap else { return nil }
      place = next
      if next == nil {
        if question.request.takesIncomplete {
          passOver(question.peer)
        } else {
          (target, passedOver) = (nil, [])
        }
      } else if let (question, page) = waiting {
        waiting = nil
        return take(page, question)
      }
    case .refused: passOver(question.peer)
    case .failed:
      forget()
      (target, place) = (nil, nil)
      notBefore = now + .milliseconds(Int64(patience.retry))
    }
    return nil
  }

  mutating func linkDown(_ peer: NodeID) { leave(peer) }

  /// It is asked no more in this round.
  private mutating func passOver(_ peer: NodeID) {
    passedOver.insert(peer)
    refusals = 0
    leave(peer)
  }

  /// Another one has its rows in another order, as far as their entries are not known exactly: it begins with what is left.
  private mutating func leave(_ peer: NodeID) {
    guard source == peer else { return }
    forget()
    (source, place) = (nil, nil)
    if !takesIncomplete { target = nil }
  }
}

extension Node {
  /// What the archive misses, and other archives may have.
  package var archiveGaps: ArchiveGaps { filling.gaps }

  /// Ten times a second, and when a page is written.
  mutating func fillArchive() {
    guard archive.isKept, state.level >= .sixth else { return }
    guard !archive.hasGap, !archive.isFailing else { return filling.beginAnew() }
    let others = group.members.map { NodeID($0.id) }.filter { peer in
      peer.rawValue != server.rawValue && peers.level(of: peer).map { $0 >= .sixth } ?? false
    }
    guard let (peer, number, request) = filling.next(others.sorted(), now: now) else { return }
    send(.archive(.ask(number: number, request)), to: peer)
  }

  mutating func takeArchiveTalk(_ talk: ArchiveTalk, from peer: NodeID) {
    switch talk {
    case .ask(let number, let request): lendArchive(request, number: number, to: peer)
    case .busy(let number): filling.isBusy(peer, number: number, now: now)
    case .page(let number, let page):
      if let write = filling.came(page, number: number, from: peer) { self.write(write) }
      fillArchive()
    }
  }

  mutating func archivePageWasWritten(_ number: UInt64, _ outcome: ArchivePageOutcome) {
    switch outcome {
    case .written: break
    case .refused(let reason), .failed(let reason):
      note(.warning, "a page of another node's archive could not be written", ("error", reason))
    }
    if let write = filling.wrote(outcome, number: number, now: now) { self.write(write) }
    fillArchive()
  }

  private mutating func write(_ page: ArchivePageToWrite) {
    var page = page
    if has(.archiveSkipsPage) { page.page.rows = [] }
    output.archivePage = page
  }
}
