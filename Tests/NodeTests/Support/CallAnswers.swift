import Desk
import Protocol

@testable import Node

extension LoneNode {
  /// What became of calls, in order: the number of each and a word on its answer.
  var answered: [String] {
    answers.map { call, answer in
      switch answer {
      case .changed(.success(.unchanged)): "\(call) unchanged"
      case .changed(.success(.done)): "\(call) done"
      case .changed(.success(.pending)): "\(call) pending"
      case .changed(.failure(let failure)), .transferred(.failure(let failure)),
        .snapshotIsThere(.failure(let failure)):
        "\(call) \(Self.word(failure))"
      case .transferred(.success(let report)): "\(call) \(report.to) leads"
      case .snapshotIsThere(.success(let index)): "\(call) snapshot \(index)"
      case .drained: "\(call) drained"
      case .readable(nil): "\(call) readable"
      case .readable(let failure?): "\(call) \(failure.code.rawValue)"
      case .following(.success(let following)): "\(call) follows since \(following.since)"
      case .following(.failure(let failure)): "\(call) \(failure.code.rawValue)"
      }
    }
  }

  private static func word(_ failure: ControlFailure) -> String {
    switch failure {
    case .notLeader: "not leader"
    case .elsewhere: "elsewhere"
    case .notFound: "not found"
    case .busy: "busy"
    case .refused: "refused"
    }
  }
}
