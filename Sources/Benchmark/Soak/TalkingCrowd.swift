import Certificates
import NIOCore
import Verifier

/// Customers who open a conversation, say so much in it, close it and open the next one: all of them together at a fixed rate,
/// whatever becomes of what they have said. Agents hear all of it.
final class TalkingCrowd: Crowd, @unchecked Sendable {
  static let customers = 250
  static let agents = 5
  static let perSession = 50
  /// In one turn of the timer: more than is said in two seconds means that this process is held up, not the cluster.
  private static let mostAtOnce = 2_000

  private struct Talk {
    var session: String?
    /// Of the conversation that is open.
    var said = 0
    var unanswered = 0
    var opened = 0
    var isClosing = false
  }

  private struct Said {
    var session: String
    var text: Int
    var at: Int64
  }

  /// What has happened since the last look.
  struct Figures: Sendable {
    var acknowledged = AcknowledgedSet()
    var opened = 0
    var closed = 0
    /// At agents.
    var heard = 0
    /// Was to be said while nobody had a conversation that was open.
    var unsaid = 0
    var failures: [String: Int] = [:]
  }

  private var talks: [Talk] = []
  private var underWay: [String: Said] = [:]
  private let texts: [String]
  private var timer: RepeatedTask?
  private var interval: Int64 = 0
  private var nextAt: Int64 = 0
  private var turn = 0
  private var number = 0
  private(set) var figures = Figures()
  private(set) var latencies = Latencies()
  private var lastAck: Int64 = 0
  private var longestGapEnded: Int64 = 0

  override init(urls: [String], trust: ClientTrust? = nil, loop: any EventLoop) {
    var source = HistoryTexts(seed: 7)
    texts = (0..<1_000).map { _ in source.message() }
    super.init(urls: urls, trust: trust, loop: loop)
  }

  /// Everybody connects, and has a conversation.
  func assemble(token: (Int, _ isAgent: Bool) async throws -> String) async throws {
    for number in 0..<Self.customers {
      add(CrowdMember.Role(token: try await token(number, false)), at: number)
    }
    for number in 0..<Self.agents {
      add(CrowdMember.Role(token: try await token(number, true), capacity: Self.customers * 2), at: number)
    }
    talks = Array(repeating: Talk(), count: Self.customers)
    try await connect(0..<Self.customers + Self.agents)
    try await onLoop { [self] in for member in members[..<Self.customers] { openNext(member) } }
    try await until("in a session", seconds: 60) {
      ($0 as? TalkingCrowd)?.talks.allSatisfy { $0.session != nil } ?? true
    }
  }

  /// - Parameter rate: messages a second, of all customers together.
  func begin(rate: Int) {
    timer?.cancel()
    interval = 1_000_000_000 / Int64(rate)
    nextAt = Crowd.now()
    lastAck = nextAt
    timer = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { [self] _ in speak() }
  }

  /// Nothing more is said; what was said is answered, and all conversations are closed.
  func finish() async throws {
    try await onLoop { [self] in
      timer?.cancel()
      timer = nil
      for number in talks.indices { closeIfDone(members[number], atOnce: true) }
    }
    try await until("answered and closed", seconds: 60) {
      ($0 as? TalkingCrowd).map { $0.underWay.isEmpty && $0.talks.allSatisfy { $0.session == nil } } ?? true
    }
  }

  /// Times and the longest silence begin anew.
  func forgetTimes() {
    latencies = Latencies()
    longestGapEnded = 0
    lastAck = Crowd.now()
  }

  /// In milliseconds: one that has not ended yet counts, too.
  var longestGap: Double { Double(max(longestGapEnded, Crowd.now() - lastAck)) / 1e6 }

  private func speak() {
    let now = Crowd.now()
    var left = Self.mostAtOnce
    while nextAt <= now, left > 0 {
      left -= 1
      if let place = nextSpeaker() { say(place, due: nextAt) } else { figures.unsaid += 1 }
      nextAt += interval
    }
  }

  /// The next one in turn who can.
  private func nextSpeaker() -> Int? {
    for _ in 0..<talks.count {
      turn = (turn + 1) % talks.count
      if talks[turn].session != nil, talks[turn].said < Self.perSession { return turn }
    }
    return nil
  }

  private func say(_ place: Int, due: Int64) {
    guard let session = talks[place].session else { return }
    number += 1
    let id = "m\(number)"
    underWay[id] = Said(session: session, text: number % texts.count, at: due)
    talks[place].said += 1
    talks[place].unanswered += 1
    members[place].send(texts[number % texts.count], to: session, id: id)
  }

  private func openNext(_ member: CrowdMember) {
    talks[member.number].opened += 1
    member.open(id: "o\(member.number)-\(talks[member.number].opened)")
  }

  private func closeIfDone(_ member: CrowdMember, atOnce: Bool = false) {
    let talk = talks[member.number]
    guard let session = talk.session, !talk.isClosing, talk.unanswered == 0 else { return }
    guard talk.said >= Self.perSession || atOnce || timer == nil else { return }
    talks[member.number].isClosing = true
    member.close(session, id: "c\(member.number)-\(talk.opened)")
  }

  private func forget(_ member: CrowdMember, _ id: String) -> Said? {
    guard let said = underWay.removeValue(forKey: id) else { return nil }
    talks[member.number].unanswered -= 1
    return said
  }

  // MARK: What they hear

  override func opened(_ member: CrowdMember, session: String) {
    figures.opened += 1
    talks[member.number].session = session
    (talks[member.number].said, talks[member.number].isClosing) = (0, false)
    if timer == nil, number > 0 { closeIfDone(member, atOnce: true) }
  }

  override func acknowledged(_ member: CrowdMember, id: String) {
    guard let said = forget(member, id) else { return }
    let now = Crowd.now()
    figures.acknowledged.add(session: said.session, id: id, body: texts[said.text].utf8)
    latencies.add(now - said.at)
    longestGapEnded = max(longestGapEnded, now - lastAck)
    lastAck = now
    closeIfDone(member)
  }

  override func done(_ member: CrowdMember, id: String) {
    guard id.hasPrefix("c"), member.number < talks.count else { return }
    figures.closed += 1
    talks[member.number].session = nil
    if timer != nil { openNext(member) }
  }

  override func failed(_ member: CrowdMember, id: String, reason: String) {
    figures.failures[reason, default: 0] += 1
    _ = forget(member, id)
    guard member.number < talks.count else { return }
    // What nobody could open or close is tried again with the next one.
    if id.hasPrefix("c") { talks[member.number].session = nil }
    if timer != nil, talks[member.number].session == nil { openNext(member) }
  }

  override func heard(_ member: CrowdMember, session: String, body: String) { figures.heard += 1 }
}
