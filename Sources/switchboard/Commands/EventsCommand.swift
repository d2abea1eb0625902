import ArgumentParser
import AsyncHTTPClient
import Desk
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import Protocol
import Server
import Synchronization
import Verifier

struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Follow what happens to a cluster (leaders, members, problems), or in a desk (sessions, agents).",
    discussion: """
      Until interrupted. A stream that ends is taken up again, at the same node or another one; what was missed meanwhile \
      comes first, or an event 'missed' says that it is not known. For admins; supervisors, and admins whose token names a \
      desk, follow their own desk.

      EXAMPLES
        switchboard events
        switchboard events --desk main
        switchboard events --json | jq -c 'select(.event == "problem")'

      \(Exit.summary)
      """)

  @Flag(help: "One JSON object per line: id, event, data.")
  var json = false

  @Option(help: ArgumentHelp("Follow what happens in this desk instead of the cluster.", valueName: "name"))
  var desk: String?

  @Option(help: ArgumentHelp("How long to go on while no node answers.", valueName: "time"))
  var wait = "30s"

  @OptionGroup var options: TargetOptions

  func validate() throws {
    guard Quantity.milliseconds(wait) != nil else { throw ValidationError("--wait \(wait): write it like 30s") }
    guard let desk else { return }
    guard DeskName(desk) != nil else { throw ValidationError("--desk \(desk): \(DeskName.rule)") }
  }

  func run() async throws {
    let patience = Duration.milliseconds(Quantity.milliseconds(wait) ?? 0)
    let seen = SeenEvents()
    var end = ContinuousClock.now + patience
    while true {
      var complaints: [String] = []
      let target = try options.target()
      for url in target.urls {
        do {
          try await follow(url, target, seen)
          // It ended as streams do: the same node goes on.
          end = .now + patience
          break
        } catch let failure as CommandFailure where failure.exit == .refused {
          throw failure
        } catch {
          complaints.append("  \(url): \((error as? CommandFailure)?.description ?? NodeHTTP.reason(error))")
        }
      }
      if seen.takeProgress() { end = .now + patience }
      guard complaints.isEmpty || ContinuousClock.now < end else {
        throw CommandFailure("No node tells its events.\n" + complaints.joined(separator: "\n"), .notNow)
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// One stream, from its first event to its end.
  private func follow(_ url: String, _ target: ClusterTarget, _ seen: SeenEvents) async throws {
    let maker = TokenMaker(role: .admin, subject: "events", seconds: 600)
    let token = try await options.bearer(of: target, else: maker)
    var request = HTTPClientRequest(url: url + "/v1/events" + (desk.map { "?desk=\($0)" } ?? ""))
    request.headers.add(name: "Accept", value: "text/event-stream")
    request.headers.add(name: "Authorization", value: "Bearer \(token)")
    if let last = seen.last { request.headers.add(name: "Last-Event-ID", value: last) }
    let response = try await NodeClient.trusting(target.authorities).execute(request, timeout: .seconds(180))
    guard response.status == .ok else {
      let body = try await response.body.collect(upTo: NodeHTTP.maximumAnswer)
      let answer = NodeHTTP.Answer(status: Int(response.status.code), body: Data(body.readableBytesView))
      throw CommandFailure(
        NodeHTTP.refusal(answer), NodeRound.isForNow(answer.status) ? .notNow : .refused)
    }
    seen.hears()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var stream = EventStream()
        for try await piece in response.body {
          seen.hears()
          for event in stream.append(piece.readableBytesView) { show(event, seen) }
          if stream.isOverlong { throw CommandFailure("The answer is no stream of events.", .notNow) }
        }
      }
      group.addTask {
        // A node says something every five seconds; one that is frozen does not.
        while seen.silence < .seconds(15) { try await Task.sleep(for: .milliseconds(200)) }
        throw CommandFailure("nothing was heard for 15 s", .notNow)
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func show(_ event: EventStream.Event, _ seen: SeenEvents) {
    if let id = event.id { seen.note(id) }
    // A stream that ends, and is taken up again, is nothing that has happened.
    guard event.name != "end", let data = ShownValue(json: Array(event.data.utf8)) else { return }
    if json {
      let id = event.id?.quotedJSON ?? "null"
      return Terminal.say(#"{"id":\#(id),"event":\#(event.name.quotedJSON),"data":\#(event.data)}"#)
    }
    guard case .object(let members) = data else { return }
    let time = members.first { $0.name == "time" }?.value.line ?? ""
    let rest = members.filter { $0.name != "time" }.map { "\($0.name) \($0.value.line)" }
    Terminal.say(
      Terminal.paint(Terminal.harmless(time), .faint) + " "
        + Terminal.paint(Terminal.harmless(event.name), .bold)
        + "  " + Terminal.harmless(rest.joined(separator: ", ")))
  }
}

/// What was heard of a stream, for whoever takes it up again.
private final class SeenEvents: Sendable {
  private let state = Mutex<(last: String?, heardAt: ContinuousClock.Instant, hasMoved: Bool)>(
    (nil, .now, false))

  var last: String? { state.withLock { $0.last } }
  var silence: Duration { state.withLock { ContinuousClock.now - $0.heardAt } }
  func hears() { state.withLock { $0.heardAt = .now } }
  func note(_ id: String) {
    state.withLock {
      $0.last = id
      $0.hasMoved = true
    }
  }
  /// Whether anything new came since this was last asked.
  func takeProgress() -> Bool {
    state.withLock { state in
      defer { state.hasMoved = false }
      return state.hasMoved
    }
  }
}
