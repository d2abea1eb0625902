import Foundation
import TestCertificates
import Testing

@testable import Server

/// Nobody builds images here: what the files name has to be there, and what they run has to be taken.
@Suite("Files for containers and packages")
struct ContainerFilesTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(DocumentNamesTests.root)/\(path)", encoding: .utf8)
  }

  @Test("the Dockerfile copies what there is, builds as the scripts do, and runs without root")
  func dockerfile() throws {
    let lines = try Self.text("cluster/docker/Dockerfile").split(separator: "\n").map(String.init)
    var copied = 0
    for line in lines where line.hasPrefix("COPY ") && !line.contains("--from=") {
      for path in line.split(separator: " ").dropFirst().dropLast() {
        copied += 1
        #expect(FileManager.default.fileExists(atPath: "\(DocumentNamesTests.root)/\(path)"), "\(line)")
      }
    }
    #expect(copied >= 3)
    #expect(lines.contains { $0.contains("swift build -c release --static-swift-stdlib") })
    let user = try #require(lines.firstIndex { $0.hasPrefix("USER ") })
    let entry = try #require(lines.firstIndex { $0.hasPrefix("ENTRYPOINT ") })
    #expect(user < entry && !lines[user].hasSuffix("root") && lines.contains { $0.hasPrefix("HEALTHCHECK ") })
  }

  @Test("variables that files of containers and packages set are settings")
  func variables() throws {
    let known = Set(SettingCatalog.all.map(\.environmentName)).union(LoadedConfiguration.variablesOfScripts)
    for path in [
      "cluster/docker/Dockerfile", "cluster/docker/compose.yaml", "cluster/debian/switchboard.service",
    ] {
      for match in try Self.text(path).matches(of: /SWITCHBOARD_[A-Z_]+/) {
        #expect(known.contains(String(match.output)), "\(path): \(match.output)")
      }
    }
  }

  @Test("the compose file has three nodes, and the files that they are started with are made before")
  func compose() throws {
    let script = """
      import json, sys
      try:
          import yaml
      except ImportError:
          sys.exit(9)
      print(json.dumps(yaml.safe_load(open(sys.argv[1]))))
      """
    let parsed = try Program.run([
      "python3", "-c", script, "\(DocumentNamesTests.root)/cluster/docker/compose.yaml",
    ])
    // Without a reader of YAML nothing is known.
    if parsed.status == 9 || parsed.status == 127 { return }
    let file = try JSONSerialization.jsonObject(with: Data(parsed.output.utf8)) as? [String: Any]
    let services = try #require(file?["services"] as? [String: [String: Any]], "\(parsed.output)")
    #expect(Set(services.keys) == ["files", "node1", "node2", "node3"])
    let build = services["files"]?["build"] as? [String: String]
    #expect(build?["dockerfile"] == "cluster/docker/Dockerfile" && build?["context"] == "../..")
    let volumes = try #require(file?["volumes"] as? [String: Any])
    // What the first service runs, run here.
    let scratch = try ScratchDirectory()
    let words = try #require((services["files"]?["command"] as? [String])?.first)
    let line = try #require(words.split(separator: "\n").first { $0.contains("switchboard init") })
    let here = line.replacing("/etc/switchboard", with: scratch.path).split(separator: " ").dropFirst()
    let made = try Program.run([TestCluster.executable] + here.map(String.init))
    #expect(made.status == 0, "\(made.output)")
    for number in 1...3 {
      let node = try #require(services["node\(number)"])
      let command = try #require(node["command"] as? [String])
      let path = try #require(command.last).replacing("/etc/switchboard", with: scratch.path)
      let configuration = try ServerConfiguration.load(file: path, environment: [:]).configuration
      #expect(configuration.nodeID == UInt64(number) && configuration.nodeName == "node\(number)")
      for volume in node["volumes"] as? [String] ?? [] {
        let name = volume.split(separator: ":")[0]
        #expect(volumes.keys.contains(String(name)))
      }
      #expect((node["volumes"] as? [String])?.contains("data\(number):\(configuration.dataDirectory)") == true)
    }
    #expect(words.contains("begin --config /etc/switchboard/cluster/node1/switchboard.json"))
  }

  @Test("the example of the package is what init writes, and the unit starts what the package has")
  func package() throws {
    let scratch = try ScratchDirectory()
    try SetupFolder.write(
      ClusterPlan(hosts: ["10.0.0.1", "10.0.0.2", "10.0.0.3"]), to: scratch.path + "/made",
      at: Int64(Date().timeIntervalSince1970))
    func keys(_ path: String) throws -> NSDictionary {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      object["comment"] = nil
      return object as NSDictionary
    }
    let example = "\(DocumentNamesTests.root)/cluster/debian/switchboard.json.example"
    #expect(try keys(example) == keys(scratch.path + "/made/node1/switchboard.json"))
    let unit = try Self.text("cluster/debian/switchboard.service")
    #expect(unit.contains("ExecStart=/usr/bin/switchboard serve --config /etc/switchboard/switchboard.json\n"))
    for line in [
      "Type=notify", "WatchdogSec=60", "ProtectSystem=strict", "NoNewPrivileges=yes",
      "StateDirectory=switchboard",
      "LimitNOFILE=65536", "User=switchboard",
    ] { #expect(unit.contains("\n\(line)\n"), "\(line)") }
  }
}
