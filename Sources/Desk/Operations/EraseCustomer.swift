package import Kernel

/// Erases all that there is of a customer of a desk.
package struct EraseCustomer: DeskOperation {
  package static let number: UInt16 = 193
  package static let since = Level.seventh
  package static let name: StaticString = "erase"
  package static let frameType: UInt8 = 28
  package static let summary = "Erase all conversations of a customer, everywhere and for ever"
  package static let about =
    """
    All sessions that the customer has opened in the desk, with what anybody has said in them. Not while one of them is open: close \
    it first. They are found nowhere from the answer on; within some minutes nothing of them is in the files of any node. \
    The customer may come back, and is a new one then. That somebody was erased is remembered without the id, so that a backup \
    from before does not bring it back.
    """
  package static let allowed = Roles.admin
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/erasures")
  package static let noun: Noun? = .desk

  package var customer: String
  package init(customer: String) { self.customer = customer }

  package static let fields = Fields(
    Self.init(customer:), Field(1, "customer", { $0.customer }, .name(128), "Whose conversations."))

  package var auditMatter: AuditMatter { AuditMatter(customer: customer) }

  /// Sessions of one customer in the state: some milliseconds of work.
  static let mostSessions = 4_096

  package func apply(to scope: inout DeskScope) throws(Refusal) {
    let mark = ErasureMark(desk: scope.desk.number, customer: customer)
    guard scope.desk.opened.sessions(of: customer).isEmpty,
      scope.desk.over.sessions(of: customer).count <= Self.mostSessions
    else { throw .customerInUse }
    guard scope.desk.servers.erasures.hasRoom(for: mark) else { throw .tooManyErasures }
    scope.desk.erase(customer)
  }
}
