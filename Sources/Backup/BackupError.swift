/// Why there is no backup, or why one cannot be used, and what to do.
package struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
