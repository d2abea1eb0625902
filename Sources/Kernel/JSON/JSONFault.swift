/// Why a text is not JSON (RFC 8259), or not JSON that is taken.
package struct JSONFault: Error, Sendable {
  /// The offset of the byte at which it was noticed.
  package var position: Int
  package var reason: StaticString

  package init(position: Int, reason: StaticString) { (self.position, self.reason) = (position, reason) }

  package var description: String { "\(reason) at byte \(position)" }
}
