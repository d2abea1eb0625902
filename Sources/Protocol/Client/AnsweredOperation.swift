package import Desk

// What programs in Swift are answered where no query declares it.
extension Open: AnsweredOperation { package typealias Answer = SessionSnapshot }
extension Join: AnsweredOperation { package typealias Answer = SessionSnapshot }
extension Send: AnsweredOperation { package typealias Answer = Acknowledgement }
extension History: AnsweredOperation { package typealias Answer = HistoryPage }
