package import Desk

/// An operation whose answer says more than that it is done. Its type for programs in Swift follows from `AnswerKind`.
package protocol AnsweredOperation: ClientOperation {
  associatedtype Value: Sendable
}

extension Open: AnsweredOperation { package typealias Value = SessionSnapshot }
extension Join: AnsweredOperation { package typealias Value = SessionSnapshot }
extension Send: AnsweredOperation { package typealias Value = Acknowledgement }
extension History: AnsweredOperation { package typealias Value = HistoryPage }
extension Desks: AnsweredOperation { package typealias Value = DeskPage }
extension Sessions: AnsweredOperation { package typealias Value = OpenSessions }
