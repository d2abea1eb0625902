import Foundation
import Testing

@testable import Server

@Suite("Sizes of the configuration that meet")
struct SizeRelationsTests {
  private let directory: ScratchDirectory

  init() throws {
    directory = try ScratchDirectory()
    let secret = try directory.write("secret", String(repeating: "s", count: 32))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
  }

  private func load(_ settings: [String: String]) throws -> LoadedConfiguration {
    var flags = settings
    flags["node.id"] = "1"
    flags["members"] = "1=a:9101=http://a:8101"
    flags["data.directory"] = "d"
    flags["jwt.secret_file"] = "\(directory.path)/secret"
    return try ServerConfiguration.load(file: nil, flags: flags, environment: [:], cores: 1, memory: 10 << 30)
  }

  private func problems(_ settings: [String: String]) throws -> [ConfigurationProblem] {
    do {
      _ = try load(settings)
      return []
    } catch let error as ConfigurationError {
      return error.problems
    }
  }

  @Test("the defaults fit, with every size of a segment, and so do limits that are off")
  func fits() throws {
    for segment in ["1MiB", "64MiB", "1GiB"] {
      #expect(try load(["storage.segment_bytes": segment]).warnings == [])
    }
    #expect(
      try problems(["limits.frame_bytes": "0", "limits.body_bytes": "0", "limits.outbound_bytes": "0"]) == [])
  }

  @Test(
    "what can hold no message is refused, with the least that is enough",
    arguments: [
      ("limits.body_bytes", ["limits.body_bytes": "65537"], "limits.frame_bytes = 65536"),
      ("limits.outbound_bytes", ["limits.outbound_bytes": "69631"], "69632 or more"),
      ("limits.outbound_bytes", ["limits.outbound_bytes": "16KiB"], "nobody could read it"),
      ("limits.outbound_bytes", ["limits.frame_bytes": "0", "limits.body_bytes": "0"], "16781312 or more"),
      (
        "limits.session_bytes",
        ["limits.frame_bytes": "1MiB", "limits.body_bytes": "100000", "limits.session_bytes": "99999"],
        "100000 or more"
      ),
      (
        "limits.customer_bytes_per_hour",
        [
          "limits.frame_bytes": "1MiB", "limits.body_bytes": "100000",
          "limits.customer_bytes_per_hour": "99999",
        ],
        "100000 or more"
      ),
    ])
  func refused(_ key: String, _ settings: [String: String], _ words: String) throws {
    let found = try problems(settings)
    #expect(found.map(\.key) == [key])
    #expect(found.first?.problem.contains(words) == true, "\(found)")
  }

  @Test("texts that fill segments are a warning")
  func segments() throws {
    let loaded = try load([
      "limits.frame_bytes": "2MiB", "limits.body_bytes": "1MiB", "limits.outbound_bytes": "0",
      "storage.segment_bytes": "1MiB",
    ])
    #expect(loaded.warnings.count == 1)
    #expect(loaded.warnings.first?.contains("storage.segment_bytes = 1 MiB is small") == true)
    #expect(loaded.warnings.first?.contains("raise it to 4 MiB") == true, "\(loaded.warnings)")
  }

  @Test("the process may have most of the memory that there is, of the machine or of its group")
  func memory() throws {
    #expect(try load([:]).configuration.limits.memoryBytes == 8 << 30)
    #expect(try load([:]).report.contains("limits.memory_bytes"))
    #expect(try load(["limits.memory_bytes": "3GiB"]).configuration.limits.memoryBytes == 3 << 30)
    #expect(try load(["limits.memory_bytes": "0"]).configuration.limits.memoryBytes == 0)
    #expect(MachineMemory.bytes() > 0)
    #expect(MachineMemory.limit("max\n") == nil)
    #expect(MachineMemory.limit("536870912\n") == 512 << 20)
    #expect(MachineMemory.limit("9223372036854771712\n") == nil)
  }
}
