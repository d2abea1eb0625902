import CoreFoundation
import Foundation

/// Where contexts are kept: `switchboard/contexts.json` in `$XDG_CONFIG_HOME`, or in `~/.config`. It is for its owner alone,
/// since it may hold tokens. A change is written beside it and takes its place, so that whoever reads it, and a machine that
/// stops, sees the one or the other.
struct ContextFile {
  static let mostBytes = 1 << 20

  let path: String

  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    guard let folder = value("XDG_CONFIG_HOME") ?? value("HOME").map({ $0 + "/.config" }) else {
      throw CommandFailure("There is no place for contexts: neither XDG_CONFIG_HOME nor HOME is set.")
    }
    path = folder + "/switchboard/contexts.json"
  }

  /// - Throws: `CommandFailure` when it is there and cannot be used.
  func read() throws -> Contexts {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return Contexts() }
      throw failure("cannot be read: \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard let data = try? file.read(upToCount: Self.mostBytes + 1) ?? Data() else {
      throw failure("cannot be read")
    }
    guard data.count <= Self.mostBytes else { throw failure("has more than \(Self.mostBytes) bytes") }
    let contexts: Contexts
    do { contexts = try Contexts(json: Array(data)) } catch { throw failure("cannot be used: \(error)") }
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let mode = try? FileManager.default.attributesOfItem(atPath: real)[.posixPermissions] as? Int
    if contexts.keepsTokens, let mode, mode & 0o077 != 0 {
      Terminal.complain("warning: \(path) holds tokens and others may read it: chmod 600 \(path)")
    }
    return contexts
  }

  private func failure(_ words: String) -> CommandFailure {
    CommandFailure("\(path) \(words). Mend it or move it away; nothing was written.")
  }

  /// Reads, changes and writes, one after the other with whoever does the same.
  func change(_ body: (inout Contexts) throws -> Void) throws {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw CommandFailure("\(folder) cannot be made: \(error.localizedDescription)") }
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw CommandFailure("\(path).lock: \(String(cString: strerror(errno)))") }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw CommandFailure("\(path).lock: \(String(cString: strerror(errno)))") }
    }
    var contexts = try read()
    try body(&contexts)
    let data = try contexts.json
    guard data.count <= Self.mostBytes else { throw CommandFailure("The contexts would have too many bytes.") }
    try write(data + Data("\n".utf8))
  }

  private func write(_ data: Data) throws {
    // Whoever keeps the file elsewhere, behind a link, keeps the link.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let beside = target + ".\(ProcessInfo.processInfo.processIdentifier)"
    unlink(beside)
    let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CommandFailure("\(beside): \(String(cString: strerror(errno)))") }
    do {
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: data)
      try file.synchronize()
      guard rename(beside, target) == 0 else {
        throw CommandFailure("\(target) cannot be written: \(String(cString: strerror(errno)))")
      }
    } catch {
      unlink(beside)
      throw (error as? CommandFailure)
        ?? CommandFailure("\(target) cannot be written: \(error.localizedDescription)")
    }
  }
}
