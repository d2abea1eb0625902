#if canImport(Glibc)
  import Foundation
  import Glibc
  import Testing

  @testable import Verifier

  private let canMakeNamespaces =
    geteuid() == 0 && SystemTool.find("ip") != nil && SystemTool.find("iptables-restore") != nil

  @Suite(
    "Network namespaces", .enabled(if: canMakeNamespaces, "only root makes them, with ip and iptables"))
  struct NamespaceTests {
    @Test("keep two nodes apart in one direction or both, heal, and leave nothing behind")
    func cutAndHeal() async throws {
      let site: NamespaceSite
      do { site = try NamespaceSite.open() } catch {
        // Some sandboxes have a root who may not make any: then a run says so and goes another way.
        return
      }
      defer { site.close() }
      let rooms = [try site.addRoom(for: "node1", number: 1), try site.addRoom(for: "node2", number: 2)]
      let one = try Mailbox(in: rooms[0])
      let two = try Mailbox(in: rooms[1])
      let network = NamespaceNetwork(site)
      func hears(_ harm: Obstruction.Harm) async throws -> [Bool] {
        try await network.obstruct(Obstruction(node: "node1", others: ["node2"], harm: harm))
        let heard = [try one.hears(two), try two.hears(one)]
        try await network.mend()
        return heard
      }

      #expect(try one.hears(two))
      #expect(try two.hears(one))
      #expect(try await hears(.cut(.both)) == [false, false])
      #expect(try await hears(.cut(.incoming)) == [false, true])
      #expect(try await hears(.cut(.outgoing)) == [true, false])
      #expect(try one.hears(two))
      #expect(try two.hears(one))
      // Clients are not cut off.
      try await network.obstruct(Obstruction(node: "node1", others: ["node2"], harm: .cut(.both)))
      #expect(Reachability.answers(rooms[0].address, within: 5))
      #expect(Reachability.answers(rooms[1].address, within: 5))

      site.close()
      let ip = try #require(SystemTool.find("ip"))
      let names = try ip.run(["netns", "list"]) + ip.run(["-o", "link"])
      #expect(!names.contains("\(NamespaceNames(process: getpid()).link)"))
    }

    @Test("give an address again when it comes round")
    func placeAgain() throws {
      guard let site = try? NamespaceSite.open() else { return }
      defer { site.close() }
      let first = try site.addRoom(for: "node1", number: 1)
      let later = try site.addRoom(for: "later", number: UInt64(Subnet.places) + 1)
      #expect(later.address == first.address)
      #expect(site.addresses == ["later": first.address])
    }
  }

  /// A socket in a namespace that takes letters without a connection, so that directions can be told apart.
  private final class Mailbox {
    struct Failure: Error { var step: String }

    private static let port: UInt16 = 7000
    private let address: String
    private let descriptor: Int32

    init(in room: NamespaceSite.Room) throws {
      address = room.address
      // A socket stays in the namespace in which its thread was when it was made.
      typealias Enter = @convention(c) (Int32, Int32) -> Int32
      // Of the GNU functions that Swift does not see.
      guard let symbol = dlsym(nil, "setns") else { throw Failure(step: "setns") }
      let enter = unsafeBitCast(symbol, to: Enter.self)
      let (made, ready) = (Box(), DispatchSemaphore(value: 0))
      Thread {
        let namespace = open("/run/netns/\(room.namespace)", O_RDONLY | O_CLOEXEC)
        if enter(namespace, 0) == 0 { made.descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) }
        close(namespace)
        ready.signal()
      }.start()
      ready.wait()
      descriptor = made.descriptor
      guard descriptor >= 0 else { throw Failure(step: "socket") }
      let bound = Self.to(address) { bind(descriptor, $0, $1) }
      guard bound == 0 else { throw Failure(step: "bind") }
    }

    deinit { close(descriptor) }

    /// Whether what the other one sends arrives here: a few letters, since one alone might get lost.
    func hears(_ other: Mailbox) throws -> Bool {
      for _ in 0..<3 {
        let sent = Self.to(address) { sendto(other.descriptor, "x", 1, 0, $0, $1) }
        guard sent == 1 else { throw Failure(step: "send") }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 100) == 1 else { continue }
        var letter: UInt8 = 0
        while recv(descriptor, &letter, 1, Int32(MSG_DONTWAIT)) == 1 {}
        return true
      }
      return false
    }

    private static func to<Answer>(
      _ address: String, _ work: (UnsafePointer<sockaddr>, socklen_t) -> Answer
    ) -> Answer {
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = port.bigEndian
      inet_pton(AF_INET, address, &target.sin_addr)
      return withUnsafePointer(to: &target) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          work($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }

    /// Written before it is read, by the semaphore.
    private final class Box: @unchecked Sendable {
      var descriptor: Int32 = -1
    }
  }
#endif
