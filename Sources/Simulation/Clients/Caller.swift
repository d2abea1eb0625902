import Desk
import Node
import Protocol
import Raft

/// A customer who asks over HTTP: each request is a connection of its own, at any node, and nobody is connected in between.
struct Caller {
  static let person = Person(id: "caller", role: .customer, name: "Caller")

  /// The request that is under way.
  struct Call {
    let node: Int
    let life: Int
    let connection: ConnectionID
  }

  var call: Call?
  var session: SessionID?
  var opened = 0
  /// Requests since the faults have ended.
  var calls = 0

  /// In calm; by then nodes have told owners of whom they have seen.
  static let callsBeforeProof = 12
  static let callsInCalm = 24

  var isDone: Bool { calls >= Self.callsInCalm }
  /// The session whose customer nobody may take for gone from now on; nil: none yet.
  var proven: SessionID? { calls > Self.callsBeforeProof ? session : nil }
}

extension World {
  func makeCaller() {
    caller = Caller()
    schedule(.calls, in: callDice.below(plan.electionTime))
  }

  /// The next request, whatever has become of the one before it.
  func callAgain() {
    endCall()
    if caller?.isDone == true { return }
    schedule(.calls, in: plan.electionTime)
    let node = nodes[callDice.below(nodes.count)]
    guard caller?.call == nil, node.isUp, !node.isFrozen, !node.isAstray, membership.contains(node.id) else {
      return
    }
    // It has heard of the end of its session by now.
    if let session = caller?.session, let leader, leader.state.owner(of: session)?.isClosed != false {
      caller?.session = nil
      caller?.opened += 1
    }
    if isCalm { caller?.calls += 1 }
    links += 1
    lives[links] = node.life
    let connection = ConnectionID(sink: 0, number: links)
    caller?.call = Caller.Call(node: node.place, life: node.life, connection: connection)
    mix(10, node.place)
    let body: DeskRequest =
      if let session = caller?.session {
        .history(session, .after(.zero), limit: 1)
      } else {
        .open(
          OpenRequest(
            id: "call-\(caller?.opened ?? 0)", channel: "api", skill: "", intent: "", priority: 0,
            attributes: []))
      }
    give(.requests([request(body, on: connection)]), to: node)
  }

  /// An answer, if it is the caller's.
  func callerHears(_ delivery: Delivery) {
    guard case .reply(let connection, _, let reply) = delivery, connection == caller?.call?.connection else {
      return
    }
    if case .opened(let summary) = reply { caller?.session = summary.session }
    checks.agents.asking = caller?.proven
    schedule(.callEnds, in: 200)
  }

  /// The server's side of an HTTP connection ends with the answer, or when nobody waits for one any more.
  func endCall() {
    guard let call = caller?.call else { return }
    let node = nodes[call.node]
    if node.isFrozen, node.life == call.life { return schedule(.callEnds, in: 5_000) }
    caller?.call = nil
    guard node.isUp, node.life == call.life else { return }
    give(.requests([request(.disconnected, on: call.connection)]), to: node)
  }

  private func request(_ body: DeskRequest, on connection: ConnectionID) -> ClientRequest {
    ClientRequest(
      connection: connection, tag: 0, person: Caller.person, desk: .main, body: body, stays: false)
  }
}
