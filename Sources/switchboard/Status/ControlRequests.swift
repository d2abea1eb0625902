import ArgumentParser
import Desk
import Foundation
import NIOCore
import NIOHTTP1
import Server

/// Which cluster is changed, and by whom.
struct ControlTarget: ParsableArguments {
  @OptionGroup var options: TargetOptions

  func control() async throws -> ControlRequests {
    let target = try options.target()
    let maker = TokenMaker(role: .admin, subject: "operator", seconds: 600)
    let bearer = try await options.bearer(of: target, else: maker)
    return ControlRequests(
      urls: target.urls, http: NodeHTTP(token: bearer, timeout: .seconds(10), authorities: target.authorities))
  }
}

/// Requests that only the leader carries out: whoever is asked names it.
struct ControlRequests {
  let urls: [String]
  var http: NodeHTTP
  private let patience = Duration.seconds(30)

  init(urls: [String], http: NodeHTTP) {
    self.urls = urls
    self.http = http
  }

  /// Asks node after node, goes to the leader that one of them names, and comes back while an election or another
  /// change is under way.
  ///
  /// - Returns: the body of the leader's answer.
  func ask(_ method: HTTPMethod, _ path: String, _ body: (any Encodable)? = nil) async throws -> Data {
    let data = try body.map { try JSONEncoder().encode($0) }
    let end = ContinuousClock.now + patience
    var complaint = "no node was asked"
    var next = urls
    while ContinuousClock.now < end {
      let url = next.removeFirst()
      do {
        let answer = try await http.send(method, url + path, data)
        switch answer.status {
        case 200, 202: return answer.body
        case 421:
          complaint = NodeHTTP.complaint(answer)
          if let leader = answer.leader { next.insert(leader, at: 0) }
        case 503: complaint = NodeHTTP.complaint(answer)
        default: throw CommandFailure(NodeHTTP.complaint(answer))
        }
        if answer.status == 503 { try await Task.sleep(for: .milliseconds(200)) }
      } catch let failure as CommandFailure {
        throw failure
      } catch {
        complaint = "\(url): \(NodeHTTP.reason(error))"
      }
      if next.isEmpty {
        next = urls
        try await Task.sleep(for: .milliseconds(100))
      }
    }
    throw CommandFailure("It could not be done within 30 s: \(complaint)", .notNow)
  }

  /// Looks at the status until the members are as wanted.
  func awaitMembers(
    within time: String, doing what: String, _ isDone: (StatusAnswer) -> Bool
  ) async throws {
    guard let wait = Quantity.milliseconds(time) else {
      throw ValidationError("--wait \(time): write it like 30s")
    }
    if wait == 0 { return Terminal.say("It has begun.") }
    let began = ContinuousClock.now
    var known = urls
    // A node that is gone must not hold up the look at the others.
    var quick = http
    quick.timeout = .seconds(1)
    while ContinuousClock.now - began < .milliseconds(wait) {
      let view = await ClusterView.ask(known, http: quick)
      // The leader's word alone: the others may be behind, and a newcomer knows the members from its own file.
      let leading = view.nodes.compactMap(\.answer).first { $0.leader != nil && $0.leader == $0.observedBy }
      if let leading, isDone(leading) {
        let seconds = Double((ContinuousClock.now - began) / .milliseconds(100)).rounded() / 10
        return Terminal.say("\(what) after \(seconds) s.")
      }
      // A node that was not asked for may lead by now.
      let members = view.first?.answer?.members ?? []
      for url in members.compactMap(\.clientUrl) where !known.contains(url) { known.append(url) }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw CommandFailure(
      "Within \(time) it did not come about that \(what); it goes on: switchboard cluster status")
  }
}
