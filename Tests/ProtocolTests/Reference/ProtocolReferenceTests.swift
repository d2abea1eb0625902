import Desk
import Foundation
import Protocol
import Testing

@Suite("The protocol reference")
struct ProtocolReferenceTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/protocol-reference.md")

  @Test("the document is what follows from the declarations")
  func isCurrent() throws {
    let written = try String(contentsOf: Self.file, encoding: .utf8)
    #expect(
      written.hasPrefix(ProtocolReference.text),
      "docs/protocol-reference.md is stale: switchboard reference > docs/protocol-reference.md")
  }

  @Test("every operation, field and code is named in it")
  func isWhole() {
    let text = ProtocolReference.text
    for operation in Operations.all { #expect(text.contains("### `\(operation.name)`")) }
    for code in Failure.Code.allCases { #expect(text.contains("| `\(code.rawValue)` |")) }
  }
}
