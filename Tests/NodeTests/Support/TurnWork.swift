import Desk
import Kernel
import Protocol
import Raft

@testable import Node

/// What one turn has done, in units that the node itself states.
struct TurnWork {
  /// Messages that clients were given of what was said before, and their bytes.
  var readMessages = 0
  var readBytes = 0
  /// Sessions that agents were given or told of.
  var assigned = 0
  /// Commands that went to other owners, or into proposals.
  var forwards = 0
  /// Replies, events and messages, each as often as there are connections that get it.
  var deliveries = 0

  init(_ output: NodeOutput) {
    for batch in output.deliveries {
      for delivery in batch {
        switch delivery {
        case .reply(_, _, .history(_, let messages, _, _)), .reply(_, _, .missed(_, let messages)):
          readMessages += messages.count
          readBytes += messages.reduce(0) { $0 + $1.body.count }
          deliveries += 1
        case .message(_, _, let to): deliveries += to.count
        case .event(_, .assigned, let to):
          assigned += to.count
          deliveries += to.count
        case .event(_, _, let to): deliveries += to.count
        case .reply, .goaway, .disperse: deliveries += 1
        }
      }
    }
    for frame in output.frames {
      if case .forward(let batch) = frame.content { forwards += batch.forwards.count }
    }
  }
}

extension LoneNode {
  /// Turns until nothing is left to do.
  ///
  /// - Returns: what each of them has done.
  mutating func turns(atMost limit: Int = 10_000) -> [TurnWork] {
    var turns: [TurnWork] = []
    repeat { turns.append(TurnWork(turn())) } while hasMore && turns.count < limit
    return turns
  }

  /// As `answerReads`, turn by turn.
  mutating func turnsOfReads() -> [TurnWork] {
    let contexts = asked
    asked = []
    for context in contexts { receive(.readIndexReply(.init(context: context, index: last))) }
    return turns()
  }

  /// A session with so many messages, each of so many bytes, in large entries.
  mutating func longSession(_ messages: Int, bytes: Int, request: String = "long", skill: String = "") throws
    -> SessionID
  {
    let session = try open(request, skill: skill, owner: 1)
    for start in stride(from: 0, to: messages, by: 64) {
      commit((start..<min(start + 64, messages)).map { said("\(request)-\($0)", in: session, bytes: bytes) })
    }
    forget()
    return session
  }

  mutating func raiseLevel(_ level: Level = .second) {
    commit([
      Submission(origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(level)))
    ])
    forget()
  }
}
