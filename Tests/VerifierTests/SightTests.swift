import Foundation
import Testing

@testable import Verifier

@Suite("What verify reads of a session")
struct SightTests {
  @Test("all that its checks need is read as nodes write it")
  func detail() throws {
    let text = """
      {"session":"4096","state":"queued","seq":7,"position":1,"eta_ms":0,"customer_away":true,"agents":["a"],
       "skill":"billing","owner":"node2","epoch":3,"opened_at":"2026-01-01T00:00:00.000Z"}
      """
    let detail = try NodeRequests.read(NodeRequests.Detail.self, Data(text.utf8))
    #expect(detail.customerAway == true && detail.position == 1 && detail.epoch == 3 && detail.seq == 7)
    #expect(detail.state == "queued" && detail.skill == "billing" && detail.owner == "node2")
  }
}
