import Foundation
import Protocol
import Testing

@testable import API

/// A figure that nobody sets is always 0, and one that nobody shows is of no use: both look like knowledge. Found in the
/// sources, since most figures are 0 while all is well.
@Suite("No figure is dead")
struct DeadFigureTests {
  private static let sources: [(path: String, text: String)] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
    let files = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".swift") }.map { file in
      (file, (try? String(contentsOf: root.appending(path: file), encoding: .utf8)) ?? "")
    }
  }()

  /// Where something is done with the property of some value.
  private static func isFound(_ pattern: String, in folders: [String]) throws -> Bool {
    let expression = try NSRegularExpression(pattern: pattern)
    return sources.contains { file in
      folders.contains { file.path.hasPrefix($0) }
        && expression.firstMatch(in: file.text, range: NSRange(file.text.startIndex..., in: file.text)) != nil
    }
  }

  private static func properties(_ value: Any) -> [String] {
    Mirror(reflecting: value).children.compactMap(\.label)
  }

  @Test(
    "each is set where it is known",
    arguments: [
      (ClusterStatus() as any Sendable, "status", ["Node/Status"]),
      (ClusterStatus.Quorum(), "quorum", ["Node/Status"]), (ClusterStatus.Change(), "change", ["Node/Status"]),
      (ClusterStatus.Sessions(), "counts", ["Node/Status"]),
      (ClusterStatus.Agents(), "counts", ["Node/Status"]),
      (ClusterStatus.Member(), "member", ["Node/Status"]), (ClusterStatus.Load(), "load", ["Node/Status"]),
      (ClusterStatus.Storage(), "storage", ["Node/Status"]),
      (ClusterStatus.Gossip(), "opinion", ["Node/Status"]), (ClusterStatus.Archive(), "own", ["Node/Status"]),
      (ClusterStatus.Certificate(), "certificate", ["Node/Status"]),
      (ReplicaFigures(), "figures", ["Node/Status", "Host"]),
      (GatewayFigures(), "figures", ["Gateway", "Protocol/Server"]),
    ])
  func isSet(_ value: any Sendable, _ variable: String, _ folders: [String]) throws {
    let properties = Self.properties(value)
    #expect(properties.count > 1)
    for name in properties {
      let property = #"\b\#(variable)\.\#(name)"#
      // Assigned, added to, merged into, or one of several in a row.
      let pattern =
        #"\#(property)(\[[^\]\n]*\])? *&?\+?=\s|\#(property)\.merge|\#(property)(, [a-z.A-Z]+)*\) = "#
      #expect(try Self.isFound(pattern, in: folders), "\(type(of: value)).\(name) is set nowhere")
    }
  }

  @Test("each that a node counts is shown on the page of metrics")
  func isShown() throws {
    for (value, name) in [
      (ReplicaFigures() as Any, "replica"), (GatewayFigures(), "gateway"), (ProcessFigures.read(), "process"),
    ] {
      for property in Self.properties(value) {
        #expect(
          try Self.isFound(#"\b\#(name)\.\#(property)\b"#, in: ["API/Metrics/MetricsPage.swift"]),
          "\(property) is shown nowhere")
      }
    }
  }
}
