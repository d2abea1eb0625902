internal import NIOCore

/// Keeps a log readable: what was said within the last minute is not news, nor is more than so much in a minute.
struct RecentNews {
  private static let interval = TimeAmount.minutes(1)
  private static let kept = 64

  private var said: [(text: String, at: NIODeadline)] = []

  mutating func isNew(_ text: String, at now: NIODeadline) -> Bool {
    said.removeAll { now - $0.at >= Self.interval }
    if said.contains(where: { $0.text == text }) { return false }
    guard said.count < Self.kept else { return false }
    said.append((text, now))
    return true
  }
}
