import Kernel

/// Which node to try next, and when.
package struct NodeRoute: Sendable {
  /// A cluster tells its nodes in every welcome; this bounds what is believed.
  static let maximumNodes = 64

  private(set) var urls: [String]
  /// Whether nodes that a welcome tells are tried, too.
  private let discovers: Bool
  private var backoff: Backoff
  private var place = 0
  /// The addresses of nodes by name, as the last welcome told them.
  private var byName: [String: String] = [:]
  /// Where a `goaway` sent this client, and after which wait.
  private var ordered: (url: String?, wait: Span)?

  init(urls: [String], backoff: Backoff, discovers: Bool) {
    self.urls = urls
    self.backoff = backoff
    self.discovers = discovers
    self.backoff.fastTries = max(backoff.fastTries, urls.count)
  }

  package var current: String { urls.isEmpty ? "" : urls[place % urls.count] }

  /// A connection has proved itself: the row of tries is over.
  mutating func proved() { backoff.reset() }

  mutating func welcomed(by node: String?, nodes: [ReceivedFrame.Node]) {
    if byName.count >= Self.maximumNodes { byName = [:] }
    for node in nodes.prefix(Self.maximumNodes) {
      // Most welcomes tell what is known.
      guard let url = node.url, byName[node.name] != url, (try? NodeURL(url)) != nil else { continue }
      byName[node.name] = url
      if discovers, urls.count < Self.maximumNodes, !urls.contains(where: { NodeURL.same($0, url) }) {
        urls.append(url)
      }
    }
    backoff.fastTries = max(backoff.fastTries, urls.count)
    if let node, byName[node] == nil { byName[node] = current }
  }

  /// - Parameter url: of that node; nil: as a welcome has told it. Nodes may have come since.
  mutating func goaway(to node: String?, at url: String?, afterMilliseconds wait: Int) {
    let told = url.flatMap { (try? NodeURL($0)) == nil ? nil : $0 }
    if let node, let told, byName.count < 2 * Self.maximumNodes { byName[node] = told }
    ordered = (told ?? node.flatMap { byName[$0] }, .milliseconds(min(max(wait, 0), 60_000)))
  }

  /// Moves on to the next node.
  /// - Returns: how long to wait before it is tried.
  mutating func nextWait(using generator: inout some RandomNumberGenerator) -> Span {
    guard !urls.isEmpty else { return .seconds(1) }
    defer { ordered = nil }
    if let ordered, let url = ordered.url {
      if let known = urls.firstIndex(where: { NodeURL.same($0, url) }) {
        place = known
      } else if urls.count < 2 * Self.maximumNodes {
        urls.append(url)
        place = urls.count - 1
      } else {
        place = (place + 1) % urls.count
      }
      return ordered.wait
    }
    place = (place + 1) % urls.count
    return max(ordered?.wait ?? .zero, Span(backoff.next(using: &generator)))
  }
}
