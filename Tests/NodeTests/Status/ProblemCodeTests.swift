import Foundation
import Protocol
import Testing

@testable import Node

@Suite("Kinds of problems")
struct ProblemCodeTests {
  @Test("The documents name each, and the table of conditions has each condition once")
  func documented() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
    for code in ProblemCode.allCases {
      #expect(text.contains("`\(code.rawValue)`"), "docs/operations.md says nothing of \(code.rawValue)")
    }
    let conditions = Node.conditionTable.map(\.condition.rawValue)
    #expect(Set(conditions).count == conditions.count)
  }
}
