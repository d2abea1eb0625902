package import Kernel

/// Deletes a desk with all that was ever said in it.
package struct DeleteDesk: ClusterOperation {
  package static let number: UInt16 = 130
  package static let since = Level.fourth
  package static let name: StaticString = "delete_desk"
  package static let summary = "Delete a desk, with all that was ever said in it"
  package static let about = """
    For admins of the cluster. Not while sessions are open: close the desk for new ones first (`configure_desk`), and wait for \
    the last one. `main` cannot be deleted. What it held is gone at once, and its memory part by part.
    """
  package static let route: Route? = Route(.post, "/v1/desks/{desk}/delete")
  package static let noun: Noun? = .desk
  package static let verb = "delete"

  package var desk: DeskName
  package init(desk: DeskName) { self.desk = desk }

  package static let fields = Fields(
    Self.init(desk:), Field(1, "desk", { $0.desk }, .desk, "Which one."))

  package var auditMatter: AuditMatter { AuditMatter(detail: "\(desk)") }

  package func apply(to scope: inout ClusterScope) throws(Refusal) {
    guard desk != .main else { throw .forbidden }
    guard let number = scope.state.number(of: desk), let found = scope.state[desk: number] else {
      throw .noSuchDesk
    }
    guard found.sessionCounts.active + found.sessionCounts.queued == 0 else { throw .deskInUse }
    scope.state.beginDeletion(of: number)
  }
}
