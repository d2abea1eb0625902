import Certificates
import Kernel
import NIOCore
import NIOPosix
import Synchronization
import Verifier

/// People on one event loop, and a way to wait until they are somewhere.
///
/// Unchecked: the members are made before, and used on, one event loop.
class Crowd: Play, @unchecked Sendable {
  let loop: any EventLoop
  let urls: [String]
  private let trust: ClientTrust?
  private static let made = Atomic(0)
  /// Its own: what earlier measurements have left open would take the time of its agents.
  private let skill = "bench-\(Crowd.made.add(1, ordering: .relaxed).newValue)"
  private(set) var members: [CrowdMember] = []
  /// One timer for all of them.
  private var wheel = TimerWheel(step: .milliseconds(10), now: .now)
  private var clock: RepeatedTask?

  struct Stuck: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameter trust: whom to believe, of nodes with TLS.
  init(urls: [String], trust: ClientTrust? = nil, loop: any EventLoop) {
    self.trust = trust
    self.loop = loop
    self.urls = urls
  }

  /// - Parameter place: which node it begins at.
  func add(_ role: CrowdMember.Role, at place: Int) {
    var role = role
    role.skill = skill
    members.append(
      CrowdMember(
        number: members.count, role: role, urls: urls, trust: trust, first: place, loop: loop, play: self))
  }

  // MARK: Time

  func plan(_ member: CrowdMember, at instant: Instant) {
    let slot = wheel.slot(of: instant)
    guard slot < member.slot else { return }
    member.slot = slot
    wheel.add(UInt64(member.number), slot: slot)
  }

  private func keepTime() {
    guard clock == nil else { return }
    clock = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { [self] _ in
      for (slot, numbers) in wheel.advance(now: .now) {
        for member in numbers.map({ members[Int($0)] }) where member.slot == slot {
          member.slot = .max
          member.lookAtTheTime()
        }
      }
    }
  }

  // MARK: What measurements do with it

  func ready(_ member: CrowdMember) {}
  func opened(_ member: CrowdMember, session: String) {}
  func acknowledged(_ member: CrowdMember, id: String) {}
  func done(_ member: CrowdMember, id: String) {}
  func failed(_ member: CrowdMember, id: String, reason: String) {}
  func heard(_ member: CrowdMember, session: String, body: String) {}
  func assigned(_ member: CrowdMember, session: String) {}

  // MARK: From tasks

  func onLoop<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
    try await loop.submit(work).get()
  }

  /// Connects members a little after one another: the limit of new connections a second is for storms.
  func connect(_ range: Range<Int>, perSecond: Int = 4_000) async throws {
    try await onLoop { [self] in
      keepTime()
      for (place, number) in range.enumerated() {
        let wait = TimeAmount.microseconds(Int64(place) * 1_000_000 / Int64(perSecond))
        loop.assumeIsolated().scheduleTask(in: wait) { self.members[number].connect() }
      }
    }
    try await until("connected", seconds: 60) { $0.members[range].allSatisfy(\.isReady) }
  }

  /// - Throws: `Stuck` when the condition does not come about in time.
  func until(_ what: String, seconds: Double, _ condition: @escaping @Sendable (Crowd) -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while try await !onLoop({ [self] in condition(self) }) {
      guard ContinuousClock.now < end else {
        let troubles = try await onLoop { [self] in Set(members.filter { !$0.isReady }.compactMap(\.trouble)) }
        throw Stuck(
          description: (["not \(what) within \(Int(seconds)) s"] + troubles.sorted().prefix(3))
            .joined(separator: "; "))
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Measures, and takes all connections away however that ends.
  func during<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
    let result: Result<Value, any Error>
    do { result = .success(try await work()) } catch { result = .failure(error) }
    try await onLoop { [self] in
      clock?.cancel()
      for member in members { member.end() }
    }
    return try result.get()
  }

  static func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }
}
