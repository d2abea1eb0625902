import Archive
import ArgumentParser
import Backup
import Foundation
import NIOCore

extension ArchiveCommand {
  struct DetachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "detach", abstract: "Move the file of a month out of the archive of a node that serves.",
      discussion: """
        Run it on the machine of the node, as its user. The other nodes keep theirs: what is read of the month there is \
        complete, and here it is not. This month and the one before stay.

        EXAMPLES
          switchboard archive detach 2026-08 --data /var/lib/switchboard --to /mnt/cold --url http://127.0.0.1:8101

        For admins of the cluster.

        \(Exit.summary)
        """)

    @Argument(help: "The month, in UTC, like 2026-08.")
    var month: String
    @Option(help: ArgumentHelp("The data directory of the node.", valueName: "path"))
    var data: String
    @Option(help: ArgumentHelp("The directory that the file goes to.", valueName: "path"))
    var to: String
    @Flag(help: "Print an object.")
    var json = false
    @OptionGroup var target: ControlTarget

    func run() async throws {
      guard Month(name: month) != nil else {
        throw ValidationError("\(month) is no month: write it like 2026-08")
      }
      let file = data + "/archive/detached/\(month).sqlite"
      let goal = to + "/\(month).sqlite"
      guard FileManager.default.fileExists(atPath: to) else {
        throw CommandFailure("There is no directory \(to).")
      }
      guard !FileManager.default.fileExists(atPath: goal) else {
        throw CommandFailure("\(goal) is there already.")
      }
      // An earlier run may have come as far as this.
      if !FileManager.default.fileExists(atPath: file) {
        _ = try await target.node(within: .seconds(120)).post("/v1/archive/months/\(month)/detach")
        guard FileManager.default.fileExists(atPath: file) else {
          throw CommandFailure(
            "The node that was asked has detached \(month), and the file is not in \(data): it is in the folder "
              + "archive/detached of that node's data.")
        }
      }
      do { try MovedFile.move(file, to: goal) } catch {
        throw CommandFailure("\(month) is detached. Its file could not be moved, and is \(file): \(error)")
      }
      try MonthMoved(month: month, file: goal).say(
        json, "\(month) is in \(goal). To have it back: switchboard archive attach \(goal) --data \(data)")
    }
  }

  struct AttachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "attach",
      abstract: "Put the file of a detached month back into the archive of a node that serves.",
      discussion: """
        Run it on the machine of the node, as its user. The file is copied, and all of the copy is read and compared with \
        its checksums before the node takes it. It has to be the one that was detached from this node.

        EXAMPLES
          switchboard archive attach /mnt/cold/2026-08.sqlite --data /var/lib/switchboard --url http://127.0.0.1:8101

        For admins of the cluster.

        \(Exit.summary)
        """)

    @Argument(help: "The file, under the name that it was given.")
    var file: String
    @Option(help: ArgumentHelp("The data directory of the node.", valueName: "path"))
    var data: String
    @Flag(help: "Print an object.")
    var json = false
    @OptionGroup var target: ControlTarget

    func run() async throws {
      let name = URL(fileURLWithPath: file).lastPathComponent
      guard name.hasSuffix(".sqlite"), let month = Month(name: name.dropLast(7)) else {
        throw CommandFailure("\(file) has not the name of a month's file, like 2026-08.sqlite.")
      }
      guard FileManager.default.fileExists(atPath: data + "/archive/catalogue.sqlite") else {
        throw CommandFailure("There is no archive in \(data).")
      }
      let folder = data + "/archive/attaching"
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let copy = folder + "/" + name
      // Of a run that was cut off.
      for part in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + part) }
      do {
        try MovedFile.copy(file, to: copy)
        let rows = try DetachedFile.check(month, in: folder)
        _ = try await target.node(within: .seconds(120)).post("/v1/archive/months/\(month)/attach")
        try MonthMoved(month: month.description, rows: rows).say(
          json, "\(month) is attached, with \(rows) rows. \(file) is of no use any more.")
      } catch {
        for part in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + part) }
        if let failure = error as? CommandFailure { throw failure }
        throw CommandFailure("\(month) is not attached. \(error)")
      }
    }
  }

  struct GiveUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "give-up",
      abstract: "Fill a detached month from the other nodes, since its file is lost or damaged.",
      discussion: """
        The month is a gap of this node's archive from then on: `switchboard archive status` shows how far it is filled. What \
        no other node has of it is gone. A file that turns up later cannot be attached any more.

        EXAMPLES
          switchboard archive give-up 2026-08 --url http://127.0.0.1:8101

        For admins of the cluster.

        \(Exit.summary)
        """)

    @Argument(help: "The month, in UTC, like 2026-08.")
    var month: String
    @Flag(help: "Print an object.")
    var json = false
    @OptionGroup var target: ControlTarget

    func run() async throws {
      guard Month(name: month) != nil else {
        throw ValidationError("\(month) is no month: write it like 2026-08")
      }
      _ = try await target.node(within: .seconds(120)).post("/v1/archive/months/\(month)/give-up")
      try MonthMoved(month: month).say(
        json, "\(month) is filled from the other nodes. How far that is: switchboard archive status")
    }
  }
}

/// What these commands say to programs.
private struct MonthMoved: Encodable {
  var month: String
  /// Where its file is now.
  var file: String?
  var rows: Int?

  func say(_ isJSON: Bool, _ words: String) throws { Terminal.say(isJSON ? try Terminal.json(self) : words) }
}
