import Kernel
import NIOCore
import Protocol
import Testing

@testable import Gateway

@Suite struct AddressSharesTests {
  private func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  @Test("coming back earns no more than staying, and who has rested long enough is forgotten")
  func survives() {
    var shares = AddressShares(rate: 10, burst: 20)
    var taken = 0
    for now in (1000..<2000).map(at) {
      let share = shares.enter("10.0.0.1", now: now)
      while share.budget.take(TokenBucket.request, rate: 10, burst: 20, now: now) == 0 { taken += 1 }
      shares.leave(share, now: now)
    }
    #expect(taken == 29, "twenty at once, and one each tenth of a second")
    #expect(shares.count == 1)
    let other = shares.enter("10.0.0.2", now: at(10_000))
    shares.leave(other, now: at(10_000))
    #expect(shares.count == 0, "a bucket that is full remembers nothing")
  }

  @Test("addresses that come once each take a bounded room, and those that are connected stay")
  func bounded() {
    var shares = AddressShares(rate: 1, burst: 1000)
    let staying = shares.enter("staying", now: at(0))
    for number in 0..<3 * AddressShares.remembered {
      let share = shares.enter("a\(number)", now: at(1))
      _ = share.budget.take(TokenBucket.request * 500, rate: 1, burst: 1000, now: at(1))
      shares.leave(share, now: at(1))
    }
    #expect(shares.count <= AddressShares.remembered + 2)
    #expect(shares.enter("staying", now: at(2)) === staying)
    #expect(staying.connections == 2)
  }

  @Test(
    "an address counts for itself, and for all of its network where there are more than enough",
    arguments: [
      ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
      ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
      ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
      ("::1", "0:0:0:0::/64"),
    ])
  func groups(address: String, group: String) throws {
    #expect(ClientAddress.group(of: try SocketAddress(ipAddress: address, port: 1)) == group)
  }

  @Test("loops share what an address may ask for, and none of them gives less than one connection may")
  func parts() {
    var settings = GatewaySettings()
    settings.limits.addressRequestsPerSecond = 200
    settings.limits.addressRequestBurst = 400
    settings.limits.requestsPerSecond = 60
    #expect(settings.forOne(of: 2).limits.addressRequestsPerSecond == 100)
    #expect(settings.forOne(of: 8).limits.addressRequestsPerSecond == 60)
    #expect(settings.forOne(of: 1).limits == settings.limits)
    #expect(GatewaySettings(limits: .off).forOne(of: 4).limits.addressRequestsPerSecond == 0)
  }
}
