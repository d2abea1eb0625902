import Desk
import Foundation
import Kernel
import NIOHTTP1
import Simulation

/// People of another desk with the names of those in the main one: they ask every node for the sessions that are open there, by
/// their right ids, and are told each time that there are none.
struct Neighbour: Sendable {
  let desk: DeskName
  let recorder: Recorder
  let nodes: @Sendable () -> [NodeAddress]
  /// An admin of the cluster.
  let admin: NodeRequests
  /// Of the desk: the names of somebody in the main one.
  let people: [NodeRequests]
  /// The cluster's level, as far as anybody knows.
  let level: @Sendable () async -> Level
  let dice: Dice

  func run() async {
    var dice = dice
    guard await create(&dice) else { return }
    while recorder.phase == .talking, !Task.isCancelled {
      await recorder.pause(milliseconds: dice.draw(50...250), in: .talking)
      guard recorder.phase == .talking, let session = dice.pick(recorder.recent), let node = dice.pick(nodes()),
        let person = dice.pick(people)
      else { continue }
      await pry(into: session, at: node, as: person, dice.below(4))
    }
    // Nothing was opened there; whoever's cluster it is keeps no desk of a trial.
    for _ in 0..<50 where !Task.isCancelled {
      guard let node = dice.pick(nodes()) else { return }
      if await status(of: admin, .POST, "\(node.url)/v1/desks/\(desk)/delete", "{}") == 200 { return }
      await recorder.pause(milliseconds: 200, in: .over)
    }
  }

  /// - Returns: false when the run was over before.
  private func create(_ dice: inout Dice) async -> Bool {
    while recorder.phase == .talking, !Task.isCancelled {
      await recorder.pause(milliseconds: 300, in: .talking)
      guard await level() >= CreateDesk.since, let node = dice.pick(nodes()) else { continue }
      if await status(of: admin, .POST, "\(node.url)/v1/desks", #"{"desk":"\#(desk)"}"#) == 200 { return true }
    }
    return false
  }

  private func pry(into session: String, at node: NodeAddress, as person: NodeRequests, _ way: Int) async {
    let path = "/v1/sessions/\(session)"
    let told: Int? =
      switch way {
      case 0: await status(of: person, .GET, node.url + path, nil)
      case 1: await status(of: person, .GET, node.url + path + "?consistency=local", nil)
      case 2: await status(of: person, .GET, node.url + path + "/messages", nil)
      default: await status(of: person, .POST, node.url + path + "/messages", #"{"body":"from another desk"}"#)
      }
    // A node that has not heard of the desk yet says that there is none, in the same words.
    guard let told, (200..<300).contains(told) || [403, 409].contains(told) else { return }
    let words =
      "session \(session) is answered \(told) by \(node.name) to somebody of desk \(desk) (way \(way))"
    recorder.note { $0.crossed.append(Violation("desks", session: session, words)) }
  }

  /// - Returns: nil: no answer.
  private func status(
    of asker: NodeRequests, _ method: HTTPMethod, _ url: String, _ json: String?
  ) async -> Int? {
    try? await asker.ask(method, url, json.map { Data($0.utf8) }).status
  }
}
