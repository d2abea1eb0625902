import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Server

#if canImport(Glibc)
  import Glibc

  @Suite("What systemd is told", .serialized)
  struct ServiceNotifierTests {
    @Test("arrives at a socket with a path, and at an abstract one", arguments: [false, true])
    func arrives(isAbstract: Bool) throws {
      let mailbox = try Mailbox(isAbstract: isAbstract)
      let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": mailbox.name])
      #expect(notifier.watchdogMicroseconds == nil)
      try notifier.tell("READY=1\nSTATUS=here")
      #expect(mailbox.next(within: 60) == "READY=1\nSTATUS=here")
      try notifier.tell("STOPPING=1")
      #expect(mailbox.next(within: 60) == "STOPPING=1")
    }

    @Test("is nothing when nobody asks, and an error when nobody is there")
    func nobody() throws {
      for environment in [[:], ["NOTIFY_SOCKET": ""]] {
        try ServiceNotifier(environment: environment).tell("READY=1")
      }
      let long = "/" + String(repeating: "x", count: 200)
      for name in ["/nowhere/at/all", "@switchboard-nobody-\(UUID().uuidString)", "vsock:2:1", long] {
        #expect(throws: ServiceNotifier.Failure.self, "\(name)") {
          try ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).tell("READY=1")
        }
      }
    }

    @Test("a watchdog is for the process that it names")
    func meant() {
      func time(_ environment: [String: String]) -> UInt64? {
        let socket = ["NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "3000000"]
        return ServiceNotifier(environment: socket.merging(environment) { $1 }, process: 7).watchdogMicroseconds
      }
      #expect(time([:]) == 3_000_000 && time(["WATCHDOG_PID": "7"]) == 3_000_000)
      #expect(time(["WATCHDOG_PID": "8"]) == nil && time(["WATCHDOG_USEC": "0"]) == nil)
      #expect(time(["WATCHDOG_USEC": "soon"]) == nil && time(["NOTIFY_SOCKET": ""]) == nil)
    }

    @Test("the watchdog hears of steps alone: a node that stands still says nothing, though the process lives")
    func standsStill() async throws {
      let mailbox = try Mailbox(isAbstract: true)
      let asked = Mutex(0)
      let watchdog = WatchdogService(
        notifier: notifier(mailbox), logger: Logger(label: "test"),
        pulse: {
          // Three steps, then none.
          asked.withLock {
            $0 += 1
            return min($0, 3)
          }
        })
      try await run(watchdog) { try await eventually("it asks on") { asked.withLock { $0 } > 20 } }
      var words: [String] = []
      while let word = mailbox.next(within: 0) { words.append(word) }
      #expect(words == ["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"])
    }

    @Test("a thread that hangs silences the watchdog, and one that goes on gives it its voice again")
    func hangs() async throws {
      let mailbox = try Mailbox(isAbstract: true)
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let loop = group.next()
      // How often it was asked, and answered.
      let questions = Shared((asked: 0, answered: 0))
      let watchdog = WatchdogService(notifier: notifier(mailbox), logger: Logger(label: "test")) {
        questions.change { $0.asked += 1 }
        try? await loop.submit { questions.change { $0.answered += 1 } }.get()
        return questions.value.answered
      }
      try await run(watchdog) {
        try await eventually("it is heard") { mailbox.next(within: 0) != nil }
        let goesOn = DispatchSemaphore(value: 0)
        let hangs = Shared(false)
        loop.execute {
          hangs.set(true)
          goesOn.wait()
        }
        try await eventually("it is asked in vain") {
          let now = questions.value
          return hangs.value && now.asked > now.answered
        }
        // What it has answered before may still be on its way; of what it is asked now nothing comes.
        while mailbox.next(within: 0) != nil {}
        #expect(mailbox.next(within: 0.2) == nil)
        goesOn.signal()
        #expect(mailbox.next(within: 60) == "WATCHDOG=1")
      }
      try await group.shutdownGracefully()
    }

    @Test("a real node is ready when it serves, lives, and says that it stops")
    func node() async throws {
      let mailbox = try Mailbox(isAbstract: false)
      setenv("NOTIFY_SOCKET", mailbox.name, 1)
      setenv("WATCHDOG_USEC", "300000", 1)
      defer {
        unsetenv("NOTIFY_SOCKET")
        unsetenv("WATCHDOG_USEC")
      }
      let cluster = try TestCluster()
      defer { cluster.stop() }
      // As systemd does: the queue of such a socket is short.
      let heard = Shared<[String]>([])
      let ends = Shared(false)
      DispatchQueue.global().async {
        while true {
          if let word = mailbox.next(within: 0.1) {
            heard.change { $0.append(word) }
          } else if ends.value {
            return
          }
        }
      }
      defer { ends.set(true) }
      _ = try await cluster.leader()
      try await eventually("the watchdog is told") { heard.value.contains("WATCHDOG=1") }
      for number in 1...3 { cluster.signal(number, SIGTERM) }
      for number in 1...3 { #expect(try await cluster.exitCode(number) == 0) }
      try await eventually("all have said that they stop") {
        heard.value.count { $0 == "STOPPING=1" } == 3
      }
      let words = heard.value
      #expect(words.count { $0.hasPrefix("READY=1\nSTATUS=node") } == 3, "\(words)")
      #expect(words.last == "STOPPING=1" || words.last == "WATCHDOG=1", "\(words)")
    }

    private func notifier(_ mailbox: Mailbox) -> ServiceNotifier {
      ServiceNotifier(environment: ["NOTIFY_SOCKET": mailbox.name, "WATCHDOG_USEC": "9000"])
    }

    private func run(_ service: WatchdogService, while work: @Sendable () async throws -> Void) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        try await work()
        group.cancelAll()
      }
    }
  }

  /// A datagram socket as systemd has one.
  private final class Mailbox: Sendable {
    struct Failure: Error {}
    let name: String
    private let descriptor: Int32

    init(isAbstract: Bool) throws {
      let unique = "switchboard-\(UUID().uuidString)"
      name = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      var bytes = Array(name.utf8)
      if isAbstract { bytes[0] = 0 }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
      }
      guard bound == 0 else { throw Failure() }
    }

    deinit {
      close(descriptor)
      if name.hasPrefix("/") { unlink(name) }
    }

    /// - Returns: nil when nothing has come in so many seconds.
    func next(within seconds: Double) -> String? {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(seconds * 1000)) == 1 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      return count >= 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
  }
#endif
