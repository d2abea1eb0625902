import Foundation
import Testing

/// Documents name files and types. What they name has to be there: a map of what was is worse than none.
@Suite("names in the documents")
struct DocumentNamesTests {
  /// The package's folder, found from this very file.
  static let root: String = {
    var url = URL(fileURLWithPath: #filePath)
    while url.path != "/",
      !FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path)
    {
      url.deleteLastPathComponent()
    }
    return url.path
  }()

  static let documents: [String] =
    ["README.md"] + files(in: "docs").filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }

  @Test("every file and folder that a document names exists", arguments: documents)
  func paths(document: String) throws {
    let text = try Self.text(document)
    let named = text.matches(of: /\b(?:Sources|Tests|scripts)\/[A-Za-z0-9_+.\/\-]+/).map { match in
      String(match.output).trimming(".")
    }
    for path in named { #expect(Self.exists(path), "\(document) names \(path)") }
    for link in text.matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/) {
      let folder = (document as NSString).deletingLastPathComponent
      let path = (folder as NSString).appendingPathComponent(String(link.output.1))
      #expect(Self.exists(path), "\(document) links to \(link.output.1)")
    }
  }

  @Test("every type, member and property that docs/architecture.md names is declared in Sources")
  func types() throws {
    let names = Self.quoted(try Self.text("docs/architecture.md"))
    let sources = try Sources()
    var types = 0
    for name in names where !name.hasSuffix(".swift") {
      if let match = name.wholeMatch(of: /([A-Z][A-Za-z0-9]*)(?:\.([a-z][A-Za-z0-9]*))?/) {
        let type = String(match.output.1)
        types += 1
        #expect(sources.types.contains(type), "\(name): there is no type \(type)")
        if let member = match.output.2 {
          #expect(sources.members.contains(String(member)), "\(name): nothing is named \(member)")
        }
      } else if let match = name.wholeMatch(of: /([a-z][A-Za-z0-9]*)\(.*\)/) {
        #expect(sources.members.contains(String(match.output.1)), "\(name): nothing is named so")
      }
    }
    #expect(types > 80, "the names are not found in the document any more")
  }

  @Test("docs/architecture.md has every target, every part of the node and every part's state")
  func isWhole() throws {
    let text = try Self.text("docs/architecture.md")
    let named = Set(text.matches(of: /`(Sources\/[A-Za-z\/]+)`/).map { String($0.output.1) })
    for target in try Self.folders("Sources") {
      #expect(named.contains("Sources/\(target)"), "the target \(target) is missing")
    }
    for part in try Self.folders("Sources/Node") {
      #expect(named.contains("Sources/Node/\(part)"), "the part \(part) of the node is missing")
    }
    // The parts' state: properties of the node whose types are the parts.
    let node = try Self.text("Sources/Node/Node.swift")
    let parts = node.matches(
      of: /\n  (?:package internal\(set\) )?var ([a-z][A-Za-z]*)(?:: | = )([A-Z][A-Za-z0-9]*)/)
    let others: Set<String> = ["NodeOutput", "Instant", "UInt64", "Int"]
    for part in parts where !others.contains(String(part.output.2)) {
      let state = "`\(part.output.1)`: `\(part.output.2)`"
      #expect(text.contains(state), "the state \(state) is missing")
    }
    #expect(parts.count > 20, "the node's properties are not found any more")
  }

  @Test("every test and type that docs/known-mistakes.md names is there, and so is every test's sentence")
  func knownMistakes() throws {
    let text = try Self.text("docs/known-mistakes.md")
    let swift = ["Sources", "Tests"].flatMap { folder in
      Self.files(in: folder).filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
    }
    let names = Set(Self.files(in: "Tests").map { ($0 as NSString).lastPathComponent })
    // As Foundation's string: it is searched many times.
    let code = try swift.map(Self.text).joined(separator: "\n") as NSString
    func says(_ words: some StringProtocol) -> Bool { code.range(of: String(words)).location != NSNotFound }
    for name in Self.quoted(text) where !name.contains("/") {
      let isThere = names.contains(name) || names.contains("\(name).swift") || says(" \(name)")
      #expect(isThere, "there is no \(name)")
    }
    for match in text.matches(of: /"([^"\n]+)"/) {
      let isThere = says(match.output.1)
      #expect(isThere, "no test says: \(match.output.1)")
    }
    for match in text.matches(of: /\[([A-Za-z, \-]+)\]/) {
      for mistake in match.output.1.split(separator: ", ") {
        let isThere = says(" static let \(mistake) ") || says("\"\(mistake)\"")
        #expect(isThere, "there is no mistake \(mistake)")
      }
    }
  }

  @Test("no two decisions have the same number, and each says its own")
  func decisions() throws {
    var numbers: Set<Substring> = []
    for file in Self.files(in: "docs/decisions") {
      let number = file.prefix(4)
      #expect(numbers.insert(number).inserted, "\(number) is there twice")
      #expect(try Self.text("docs/decisions/\(file)").hasPrefix("# \(number): "), "\(file)")
    }
    #expect(numbers.count > 10)
  }

  // MARK: Reading

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(root)/\(path)")
  }

  /// All below a folder, by their paths from there.
  private static func files(in folder: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String }
    return (found ?? []).filter { !$0.hasPrefix(".") && $0.contains(".") }.sorted()
  }

  private static func folders(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").filter { !$0.contains(".") }
      .sorted()
  }

  /// What stands in backquotes outside of code blocks.
  private static func quoted(_ text: String) -> [String] {
    let prose = text.replacing(/```[\s\S]*?```/, with: "")
    return prose.matches(of: /`([^`\n]+)`/).map { String($0.output.1) }
  }

  /// The names that are declared in Sources.
  private struct Sources {
    var types: Set<String> = []
    var members: Set<String> = []

    init() throws {
      // A target is a name that stands alone, too.
      types = Set(try DocumentNamesTests.folders("Sources"))
      for file in DocumentNamesTests.files(in: "Sources") where file.hasSuffix(".swift") {
        let text = try DocumentNamesTests.text("Sources/\(file)")
        for line in text.split(separator: "\n") {
          let line = line.drop { $0 == " " }
          guard !line.hasPrefix("//") else { continue }
          // By words: a regular expression on every line would take its time.
          let words = line.prefix(160).split { !($0.isLetter || $0.isNumber || $0 == "_") }
          for (word, next) in zip(words, words.dropFirst()) {
            switch word {
            case "struct", "class", "enum", "protocol", "actor", "typealias": types.insert(String(next))
            case "func", "var", "let", "case": members.insert(String(next))
            default: break
            }
          }
        }
      }
    }
  }
}

extension String {
  fileprivate func trimming(_ end: Character) -> String {
    var text = self
    while text.last == end { text.removeLast() }
    return text
  }
}
