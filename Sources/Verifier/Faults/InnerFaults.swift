import Foundation
import NIOHTTP1

/// Faults that a node makes of itself when it is asked to (`development.faults`): its clock and its disk.
extension Striker {
  /// Somewhere between ten seconds and forty minutes, forwards or back; then the clock is set right, which is a jump
  /// of its own.
  func jumpClock(of name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void) async throws {
    naming([name])
    let seconds = 10 + choice.pick / 2 % 2_390
    try await setClock(of: name, ahead: (choice.pick % 2 == 0 ? seconds : -seconds) * 1000)
    try? await Task.sleep(for: .milliseconds(choice.hold))
    try await setClock(of: name, ahead: 0)
  }

  func slowDisk(of name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void) async throws {
    naming([name])
    try await disturbDisk(of: name, syncDelay: 20 + choice.pick % 230, isFull: false)
    try? await Task.sleep(for: .milliseconds(choice.hold))
    try await disturbDisk(of: name, syncDelay: 0, isFull: false)
  }

  func fillDisk(of name: String, _ choice: FaultPlan.Choice, _ naming: ([String]) -> Void) async throws {
    naming([name])
    try await disturbDisk(of: name, syncDelay: 0, isFull: true)
    try? await Task.sleep(for: .milliseconds(choice.hold))
    try await disturbDisk(of: name, syncDelay: 0, isFull: false)
  }

  /// Whatever was done of this kind is over.
  func mendInside(_ name: String) async throws {
    try await setClock(of: name, ahead: 0)
    try await disturbDisk(of: name, syncDelay: 0, isFull: false)
  }

  private func setClock(of name: String, ahead milliseconds: Int) async throws {
    struct Body: Encodable { var ahead_ms: Int }
    try await tell(name, "clock", try JSONEncoder().encode(Body(ahead_ms: milliseconds)))
  }

  func disturbDisk(of name: String, syncDelay: Int, isFull: Bool) async throws {
    struct Body: Encodable {
      var sync_delay_ms: Int
      var full: Bool
    }
    try await tell(name, "disk", try JSONEncoder().encode(Body(sync_delay_ms: syncDelay, full: isFull)))
  }

  private func tell(_ name: String, _ what: String, _ body: Data) async throws {
    guard let node = fleet.node(name) else { return }
    let (status, answer, _) = try await requests.ask(.PUT, node.url + "/v1/development/" + what, body)
    guard status != 200 else { return }
    let text = String(decoding: answer, as: UTF8.self)
    throw Failure(
      description: "\(what): \(NodeComplaint(status: status, body: text))",
      isForGood: status == 404 || status == 405 || status == 409)
  }
}
