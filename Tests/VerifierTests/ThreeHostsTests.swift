#if canImport(Glibc)
  import Foundation
  import Glibc
  import Testing

  @testable import Verifier

  private let canMakeHosts =
    geteuid() == 0 && SystemTool.find("ip") != nil && SystemTool.find("iptables-restore") != nil

  /// docs/tutorial-three-hosts.md, done: three machines with addresses of their own are three network namespaces, and each
  /// command is the one of the page, with these addresses and folders.
  @Suite(
    "The tutorial for three hosts", .serialized, .timeLimit(.minutes(15)),
    .enabled(if: canMakeHosts, "only root makes machines of network namespaces, with ip and iptables"))
  struct ThreeHostsTests {
    @Test("goes from switchboard init to a conversation, and on when the machine that leads is lost")
    func tutorial() async throws {
      let site: NamespaceSite
      do { site = try NamespaceSite.open() } catch {
        // Some sandboxes have a root who may not make any; NamespaceTests go the same way.
        return
      }
      defer { site.close() }
      let hosts = try Hosts(site)
      defer { hosts.remove() }
      let page = try Page()
      // 2. The files.
      #expect(try hosts.run(page.command("switchboard init")).contains("Keep it away from the nodes"))
      let copies = page.commands.filter { $0.hasPrefix("scp shop-cluster/node") }
      #expect(copies.count == 3)
      for (place, copy) in copies.enumerated() {
        #expect(copy == "scp shop-cluster/node\(place + 1)/* root@10.0.0.\(place + 1):/etc/switchboard/")
        try hosts.copy("shop-cluster/node\(place + 1)", to: place + 1)
      }
      let check = try page.command("switchboard config check")
      for host in 1...3 {
        #expect(try hosts.run(check, on: host).hasSuffix("The configuration is good.\n"))
      }
      // 3. The first start.
      _ = try hosts.run(page.command("switchboard begin"), on: 1)
      for host in 1...3 { try hosts.start(host) }
      let status = try page.command("switchboard cluster status").replacing("60s", with: "170s")
      let said = try await SystemTool.aside { try hosts.run(status) }
      #expect(said.contains("node3"), "\(said)")
      // 4. A conversation.
      let (agent, customer) = (
        try page.command("switchboard chat --role agent"), try page.command("switchboard chat --role customer")
      )
      try hosts.sit(agent)
      try await hosts.says("my bill is wrong", customer, to: "anna")
      // 5. The machine that leads is lost.
      let leader = try #require(try hosts.leader(status))
      hosts.kill(leader)
      let other = leader == 1 ? 3 : 1
      let elsewhere = customer.replacing("10.0.0.1:", with: "10.0.0.\(other):").replacing("ben", with: "bea")
      try await hosts.says("are you still there", elsewhere, to: "anna")
      #expect(
        try hosts.leader(
          status.replacing("10.0.0.1:", with: "10.0.0.\(other):").replacing(" --wait 170s", with: "")) != leader
      )
    }

    @Test("nodes show each other the certificates that init made, over TLS 1.3")
    func peers() throws {
      guard let openssl = SystemTool.find("openssl"), let site = try? NamespaceSite.open() else { return }
      defer { site.close() }
      let hosts = try Hosts(site)
      defer { hosts.remove() }
      _ = try hosts.run(Page().command("switchboard init"))
      for host in 1...3 { try hosts.copy("shop-cluster/node\(host)", to: host) }
      _ = try hosts.run(Page().command("switchboard begin"), on: 1)
      try hosts.start(1)
      let end = ContinuousClock.now + .seconds(180)
      let files = hosts.directory + "/shop-cluster"
      func connect(_ own: [String]) -> String {
        (try? openssl.run(
          [
            "s_client", "-connect", "\(hosts.rooms[0].address):9101", "-CAfile", "\(files)/ca.pem",
            "-verify_return_error", "-verify_hostname", "node1",
          ] + own)) ?? ""
      }
      let member = ["-cert", "\(files)/node2/node.pem", "-key", "\(files)/node2/node.key"]
      var answer = connect(member)
      while !answer.contains("Verify return code"), ContinuousClock.now < end { answer = connect(member) }
      #expect(answer.contains("Verify return code: 0 (ok)") && answer.contains("TLSv1.3"), "\(answer)")
    }
  }

  /// The commands of the page.
  private struct Page {
    struct Failure: Error { var missing: String }
    let commands: [String]

    init() throws {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      let text = try String(
        contentsOf: root.appendingPathComponent("docs/tutorial-three-hosts.md"), encoding: .utf8)
      // What stands in the blocks between fences.
      commands = text.components(separatedBy: "```").enumerated().filter { !$0.offset.isMultiple(of: 2) }
        .flatMap { $0.element.split(separator: "\n").dropFirst().map(String.init) }
    }

    /// Without the word for whom it is run: here nobody else is there.
    func command(_ start: String) throws -> String {
      for command in commands {
        let words = command.replacing("runuser -u switchboard -- ", with: "")
        if words.hasPrefix(start) { return words }
      }
      throw Failure(missing: start)
    }
  }

  /// Three machines with addresses of their own, and the operator's.
  private final class Hosts: @unchecked Sendable {
    let directory = NSTemporaryDirectory() + "three-hosts-" + UUID().uuidString
    let rooms: [NamespaceSite.Room]
    private let site: NamespaceSite
    private let executable = SystemTool(
      path: URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("switchboard").path)
    private var nodes: [Int: Process] = [:]
    private var agent: Process?
    private let keyboard = Pipe()

    init(_ site: NamespaceSite) throws {
      self.site = site
      rooms = try (1...3).map { try site.addRoom(for: "node\($0)", number: UInt64($0)) }
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    func remove() {
      for process in Array(nodes.values) + (agent.map { [$0] } ?? []) where process.isRunning {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      try? FileManager.default.removeItem(atPath: directory)
    }

    /// A command of the page as words, with the addresses that there are here.
    private func words(_ command: String, _ host: Int) -> [String] {
      var text = command
      for (place, room) in rooms.enumerated() {
        text = text.replacing("10.0.0.\(place + 1)", with: room.address)
      }
      text = text.replacing("shop-cluster", with: directory + "/shop-cluster")
        .replacing("/etc/switchboard", with: "\(directory)/etc\(host)")
      var words = text.split(separator: " ").map(String.init)
      if words.starts(with: ["switchboard", "init"]) { words += ["--directory", directory + "/shop-cluster"] }
      if host > 0 { words += ["--data", "\(directory)/data\(host)"] }
      return Array(words.dropFirst())
    }

    func copy(_ folder: String, to host: Int) throws {
      try FileManager.default.copyItem(atPath: "\(directory)/\(folder)", toPath: "\(directory)/etc\(host)")
    }

    /// - Parameter host: 0: the operator's machine.
    func run(_ command: String, on host: Int = 0, input: String = "") throws -> String {
      let words = words(command, host)
      guard host > 0 else { return try executable.run(words, input: input) }
      let (ip, arguments) = site.launch([executable.path] + words, in: rooms[host - 1])
      return try SystemTool(path: ip).run(arguments)
    }

    /// As the unit of the package does.
    func start(_ host: Int) throws {
      let words = words("switchboard serve --config /etc/switchboard/switchboard.json", host)
      let (ip, arguments) = site.launch([executable.path] + words, in: rooms[host - 1])
      nodes[host] = try process(ip, arguments, output: "log\(host)", input: FileHandle.nullDevice)
    }

    func kill(_ host: Int) {
      guard let node = nodes.removeValue(forKey: host) else { return }
      Glibc.kill(node.processIdentifier, SIGKILL)
      node.waitUntilExit()
    }

    func leader(_ status: String) throws -> Int? {
      let data = Data(try run(status + " --json").utf8)
      let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return (answer?["leader"] as? String)?.last?.wholeNumberValue
    }

    /// Somebody who stays at the keyboard.
    func sit(_ command: String) throws {
      agent = try process(executable.path, words(command, 0), output: "anna", input: keyboard)
    }

    /// A line is acknowledged, and the other side reads it.
    func says(_ line: String, _ command: String, to reader: String) async throws {
      let end = ContinuousClock.now + .seconds(180)
      // Whoever asks before the agent is there waits in the queue, and is served all the same.
      let said = try await SystemTool.aside { [self] in
        try run(command + " --stay 2s", input: line + "\n")
      }
      #expect(said.contains("✓"), "\(said)")
      var heard = ""
      while ContinuousClock.now < end, !heard.contains(line) {
        heard = (try? String(contentsOfFile: "\(directory)/\(reader)", encoding: .utf8)) ?? ""
        try await ContinuousClock().sleep(for: .milliseconds(20))
      }
      #expect(heard.contains(line), "\(heard)")
    }

    private func process(_ path: String, _ arguments: [String], output: String, input: Any) throws -> Process {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
      _ = FileManager.default.createFile(atPath: "\(directory)/\(output)", contents: nil)
      let file = FileHandle(forWritingAtPath: "\(directory)/\(output)")
      process.standardOutput = file
      process.standardError = file
      process.standardInput = input
      try process.run()
      return process
    }
  }
#endif
