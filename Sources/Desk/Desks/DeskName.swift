internal import Kernel

/// How a desk is called: by the `desk` of tokens, and by those who run the cluster.
///
/// 1 to 32 of the characters a to z, 0 to 9 and `-`, beginning with a letter: it stands in paths, in labels of metrics and in
/// command lines.
package struct DeskName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: String

  package static let main = DeskName(known: "main")
  package static let mostBytes = 32

  private init(known text: String) { self.text = text }

  /// - Returns: nil: it is no name of a desk.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...Self.mostBytes).contains(bytes.count), let first = bytes.first, Self.isLetter(first),
      bytes.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
    else { return nil }
    self.text = text
  }

  /// For those who have given another one.
  package static let rule = "1 to 32 of the characters a-z, 0-9 and `-`, beginning with a letter"

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

  package static func == (left: DeskName, right: DeskName) -> Bool { left.text.hasSameBytes(as: right.text) }
  package static func < (left: DeskName, right: DeskName) -> Bool { left.text.bytesPrecede(right.text) }
  package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
  package var description: String { text }
}
