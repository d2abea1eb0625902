import Foundation
import Raft
import Testing

/// Every file of `Transcripts` is a test.
@Suite struct TranscriptTests {
  @Test("clusters do what the transcripts say", arguments: TranscriptFiles.names)
  func transcript(name: String) throws {
    let run = TranscriptRun(Transcript(try TranscriptFiles.text(of: name)))
    #expect(run.violations.isEmpty)
    if TranscriptFiles.areRewritten, run.violations.isEmpty {
      return try TranscriptFiles.write(run.rewritten.text, to: name)
    }
    for mismatch in run.mismatches {
      Issue.record(
        "\(name).txt, line \(mismatch.line): expected (-) and seen (+)\n\(mismatch)",
        sourceLocation: TranscriptFiles.location(of: name, line: mismatch.line))
    }
  }

  @Test("the transcripts together reach every branch that Raft marks")
  func everyBranchIsReached() throws {
    var marks = MarkSet()
    for name in TranscriptFiles.names {
      marks.formUnion(TranscriptRun(Transcript(try TranscriptFiles.text(of: name))).marks)
    }
    let missing = Mark.allCases.filter { !marks.contains($0) }
    #expect(missing == [])
  }
}

enum TranscriptFiles {
  /// Set this in the environment, and the tests write what they see into the files instead of comparing.
  static var areRewritten: Bool { ProcessInfo.processInfo.environment["REWRITE_TRANSCRIPTS"] == "1" }

  /// Without `.txt`, sorted.
  static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.sorted()
  }

  static func text(of name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name + ".txt"), encoding: .utf8)
  }

  static func write(_ text: String, to name: String) throws {
    try text.write(to: sources.appending(path: name + ".txt"), atomically: true, encoding: .utf8)
  }

  static func location(of name: String, line: Int) -> SourceLocation {
    SourceLocation(
      fileID: "RaftTests/\(name).txt", filePath: sources.appending(path: name + ".txt").path, line: line,
      column: 1)
  }

  /// What was built into the tests; where files are rewritten, the sources, so that rewriting twice works.
  private static var folder: URL {
    if areRewritten { return sources }
    return Bundle.module.bundleURL.appending(path: "Transcripts")
  }

  private static var sources: URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Transcripts")
  }
}
