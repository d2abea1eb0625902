import Desk
import Foundation
import Testing

@testable import Server

@Suite("Zones of the system")
struct SystemZonesTests {
  @Test(
    "say what its clocks show, from now to 2045",
    arguments: ["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "UTC"])
  func offsets(_ name: String) throws {
    let table = try #require(SystemZones().table(of: name))
    let zone = try #require(TimeZone(identifier: name))
    #expect(table.transitions.isEmpty == ["Asia/Shanghai", "Asia/Kathmandu", "UTC"].contains(name))
    let now = Int64(Date().timeIntervalSince1970)
    for step in 0..<400 {
      let time = now + Int64(step) * 17 * 86_400
      let shown = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(time)))
      #expect(Int(table.offset(at: time)) == shown, "\(name), \(time)")
    }
  }

  @Test("are none by names that nobody has given")
  func unknown() {
    for name in ["Mars/Base", "", "GMT+25", "../../etc/passwd"] {
      #expect(SystemZones().table(of: name) == nil)
    }
  }
}
