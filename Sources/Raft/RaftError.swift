/// Why a member cannot be made from what was configured or found on disk.
package struct RaftError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
