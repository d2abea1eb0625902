import ArgumentParser
import Backup
import Foundation
import NIOCore
import Server

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy all that a node has, while it serves; or check a copy.",
    discussion: """
      Run it on the machine of a node, as the user of the node. The node makes a snapshot of all that was acknowledged when \
      the backup began; the snapshot and the archive are copied, and manifest.json is written last, with the checksum of \
      each file. A directory without it is no backup. Every node has everything: one is enough.

      EXAMPLES
        switchboard backup --data /var/lib/switchboard --output /backup/2026-11-29 --url http://127.0.0.1:8101
        switchboard backup --check /backup/2026-11-29

      For admins of the cluster.

      Exit code: 0 done, 1 refused or damaged, 2 the node could not do it now (ask again), 64 wrong use.
      """)

  @Option(help: ArgumentHelp("The data directory of the node.", valueName: "path"))
  var data: String?
  @Option(help: ArgumentHelp("Where the backup goes: new or empty.", valueName: "path"))
  var output: String?
  @Option(help: ArgumentHelp("Read a backup and compare it with its checksums.", valueName: "path"))
  var check: String?
  @Flag(
    help: "With --check: each row of the archive, too, against the checksum that it has had from the beginning."
  )
  var rows = false
  @Flag(help: "Also of an archive that misses something.")
  var incomplete = false
  @Flag(help: "Print the result as JSON: the manifest.")
  var json = false
  @OptionGroup var target: ControlTarget

  func validate() throws {
    if check != nil {
      guard data == nil, output == nil, !incomplete else {
        throw ValidationError("--check reads a backup: it goes with --rows and --json alone")
      }
    } else {
      guard data != nil, output != nil, !rows else {
        throw ValidationError("Give --data and --output, or --check")
      }
    }
  }

  func run() async throws {
    let manifest: BackupManifest
    let line = ProgressLine()
    do {
      if let check {
        manifest = try BackupCheck.check(check, rows: rows) { line.show($0) }
      } else if let data, let output {
        manifest = try await make(of: data, to: output, line)
      } else {
        return
      }
    } catch let failure as CommandFailure {
      line.clear()
      throw failure
    } catch {
      line.clear()
      throw CommandFailure(check == nil ? "There is no backup. \(error)" : "\(error)")
    }
    line.clear()
    if json { return Terminal.say(String(decoding: try manifest.encoded().dropLast(), as: UTF8.self)) }
    let size = ArchiveLine.size(Int(clamping: manifest.bytes))
    Terminal.say(
      check == nil
        ? "\(manifest.files.count) files, \(size), with all of \(manifest.cluster) up to entry \(manifest.snapshotIndex)."
        : "\(manifest.files.count) files, \(size), as they were written by \(manifest.node) of \(manifest.cluster) at entry "
          + "\(manifest.snapshotIndex).")
    if manifest.missingEntries > 0 {
      Terminal.say("The archive misses what \(manifest.missingEntries) entries may have brought.")
    }
    if !manifest.detachedMonths.isEmpty {
      Terminal.say(
        "Files of detached months are not in it: \(manifest.detachedMonths.joined(separator: ", ")).")
    }
  }

  private func make(of data: String, to output: String, _ line: ProgressLine) async throws -> BackupManifest {
    let backup = try BackupMaking(of: data, to: output)
    let made: SnapshotMade
    do {
      made = try await SnapshotMade(asking: target)
    } catch {
      // It is empty.
      rmdir(output)
      throw error
    }
    return try backup.make(
      with: made.index, node: made.node, release: ServerProcess.version,
      time: UInt64(max(0, Date().timeIntervalSince1970 * 1_000)), takesIncomplete: incomplete
    ) { line.show($0) }
  }
}

/// The answer of a node that was asked for a snapshot.
private struct SnapshotMade: Decodable {
  var index: UInt64
  var node: String

  /// - Throws: `CommandFailure`.
  init(asking target: ControlTarget) async throws {
    do {
      // The node itself gives up after 30 s.
      let answer = try await target.node(within: .seconds(40)).post("/v1/snapshots")
      self = try JSONDecoder().decode(Self.self, from: answer)
    } catch let failure as CommandFailure {
      throw CommandFailure("There is no backup. \(failure.description)", failure.exit)
    } catch {
      throw CommandFailure("There is no backup. What has answered is no node of a cluster.")
    }
  }
}
