/// A configuration that cannot work; says what to change.
package struct GossipError: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}
