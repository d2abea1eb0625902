/// Which packets between two nodes are lost, seen from one of them.
package enum CutDirection: String, Hashable, Sendable, CaseIterable {
  case both
  /// What the other sends is not seen.
  case incoming = "in"
  /// Nothing is sent to the other.
  case outgoing = "out"
}
