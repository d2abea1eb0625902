import Testing

@testable import Verifier

@Suite("What is in the way between nodes")
struct NetworkTests {
  private let addresses = ["node1": "198.18.3.1", "node2": "198.18.3.2", "node3": "198.18.3.3"]

  private func rules(_ harm: Obstruction.Harm, others: [String] = ["node2", "node3"]) -> [String: [String]] {
    PacketRules.rules(
      for: Obstruction(node: "node1", others: others, harm: harm), addresses: addresses
    ).mapValues { rules in rules.drops.map { "\($0.source) \($0.percent.map(String.init) ?? "all")" } }
  }

  @Test("is cut where packets come in, on one side or on both")
  func directions() {
    #expect(
      rules(.cut(.both)) == [
        "node1": ["198.18.3.2 all", "198.18.3.3 all"], "node2": ["198.18.3.1 all"],
        "node3": ["198.18.3.1 all"],
      ])
    #expect(rules(.cut(.incoming)) == ["node1": ["198.18.3.2 all", "198.18.3.3 all"]])
    #expect(rules(.cut(.outgoing)) == ["node2": ["198.18.3.1 all"], "node3": ["198.18.3.1 all"]])
    #expect(
      rules(.cut(.both), others: ["node2"]) == ["node1": ["198.18.3.2 all"], "node2": ["198.18.3.1 all"]])
    #expect(
      rules(.loss(percent: 25), others: ["node2"]) == [
        "node1": ["198.18.3.2 25"], "node2": ["198.18.3.1 25"],
      ])
  }

  @Test("is told to the kernel as the whole of its rules")
  func text() {
    let open = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    #expect(PacketRules().text == open + "COMMIT\n")
    let drops = [
      PacketRules.Drop(source: "198.18.3.2"), PacketRules.Drop(source: "198.18.3.3", percent: 5),
      PacketRules.Drop(source: "198.18.3.3", percent: 25),
    ]
    #expect(
      PacketRules(drops: drops).text == open + """
        -A INPUT -s 198.18.3.2/32 -j DROP
        -A INPUT -s 198.18.3.3/32 -m statistic --mode random --probability 0.05 -j DROP
        -A INPUT -s 198.18.3.3/32 -m statistic --mode random --probability 0.25 -j DROP
        COMMIT

        """)
  }

  @Test("is told to a node as whom it does not hear, and in which direction")
  func endpoint() throws {
    func body(_ harm: Obstruction.Harm) throws -> EndpointNetwork.Body {
      try EndpointNetwork.body(for: Obstruction(node: "node1", others: ["node2"], harm: harm))
    }
    #expect(try body(.cut(.both)).direction.rawValue == "both")
    #expect(try body(.cut(.incoming)) == EndpointNetwork.Body(nodes: ["node2"], direction: .incoming))
    #expect(try body(.cut(.incoming)).direction.rawValue == "in")
    #expect(try body(.cut(.outgoing)).direction.rawValue == "out")
    let failure = #expect(throws: Striker.Failure.self) { try body(.loss(percent: 20)) }
    #expect(failure?.isForGood == true)
  }

  @Test("is put around the leader or a follower, as the plan has drawn it")
  func choice() {
    func drawn(_ kind: FaultKind, pick: Int = 0) -> Obstruction? {
      Obstruction(
        FaultPlan.Choice(kind: kind, hold: 1, pick: pick), leader: "node2", followers: ["node1", "node3"])
    }
    #expect(
      drawn(.deafLeader)
        == Obstruction(node: "node2", others: ["node1", "node3"], harm: .cut(.incoming)))
    #expect(
      drawn(.muteFollower, pick: 1)
        == Obstruction(node: "node3", others: ["node2", "node1"], harm: .cut(.outgoing)))
    #expect(drawn(.cutPair, pick: 1) == Obstruction(node: "node2", others: ["node3"], harm: .cut(.both)))
    #expect(drawn(.isolateFollower)?.node == "node1")
    #expect(drawn(.killAll) == nil)
    let losses = (0..<60).compactMap { pick -> Int? in
      guard case .loss(let percent) = drawn(.lossyNetwork, pick: pick)?.harm else { return nil }
      return percent
    }
    #expect(losses.count == 60)
    #expect((losses.min(), losses.max()) == (20, 30))
  }

  @Test("has addresses that nobody uses")
  func subnet() {
    #expect(Subnet.free(taken: "", process: 5)?.description == "198.18.5.0/24")
    #expect(Subnet.free(taken: "", process: 4_194_304)?.description == "198.18.0.0/24")
    let last = Subnet.free(taken: "", process: 511)
    #expect(last?.address(253) == "198.19.255.253")
    #expect(last?.hardware(9) == "02:53:57:01:ff:09")
    // Addresses, networks and gateways of others, but not the way to everywhere else.
    let taken = """
      2: eth0    inet 198.18.5.9/24 brd 198.18.5.255 scope global eth0
      default via 198.18.6.1 dev eth0
      0.0.0.0/1 via 10.8.0.1 dev tun0
      198.18.8.0/22 dev docker0 proto kernel
      local 198.18.7.77 dev eth1 table local
      """
    #expect(Subnet.free(taken: taken, process: 5)?.description == "198.18.12.0/24")
    #expect(Subnet.free(taken: taken, process: 4)?.description == "198.18.4.0/24")
    #expect(Subnet.free(taken: "198.16.0.0/14 dev tun0", process: 5) == nil)
    #expect(Subnet.free(taken: "198.19.0.0/16 dev tun0", process: 511)?.description == "198.18.0.0/24")
  }

  @Test("gives addresses again only after hundreds of nodes")
  func places() {
    #expect([1, 249, 250, 251].map(Subnet.place) == [1, 249, 1, 2])
    let subnet = Subnet.free(taken: "", process: 0)
    #expect(subnet?.own == "198.18.0.254")
    #expect(subnet?.strangers.first == "198.18.0.250")
    #expect(subnet?.strangers.count == 4)
  }

  @Test("has names by which leftovers of runs that were killed are known, and nothing else")
  func names() {
    let mine = NamespaceNames(process: 4_194_304)
    for name in [mine.hub, mine.link, mine.room(253)] {
      #expect(NamespaceNames.owner(of: name) == 4_194_304, "\(name)")
    }
    #expect(mine.link.count <= 15)
    for name in ["swbv", "swbv-hub", "swbv12-", "swbv12-x", "swbv12-1-2", "swbv012", "swbvx", "eth0", "swb12"] {
      #expect(NamespaceNames.owner(of: name) == nil, "\(name)")
    }
    let found = ["swbv7-hub", "swbv7-1", "swbv8-hub", "swbv9", "docker0", "swbv8"]
    #expect(
      NamespaceNames.leftovers(among: found) { $0 == 8 } == ["swbv7-hub", "swbv7-1", "swbv9"])
  }
}
