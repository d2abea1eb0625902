import API
import ArgumentParser
import Protocol

/// For those who write the documents.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference",
    abstract: "Print the protocol reference, as it follows from the declarations.",
    discussion: """
      docs/protocol-reference.md is this text:

        switchboard reference > docs/protocol-reference.md
      """, shouldDisplay: false)

  func run() { print(ProtocolReference.text + HTTPReference.text, terminator: "") }
}
