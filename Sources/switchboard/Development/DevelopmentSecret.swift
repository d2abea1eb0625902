import Foundation
import Server

/// The secret that `scripts/cluster up` makes, so that commands beside a development cluster need no `--token`.
enum DevelopmentSecret {
  /// Looks for `.run/secret` in this directory and those above it, then in those above the program.
  static func path() -> String? {
    let manager = FileManager.default
    if let run = ProcessInfo.processInfo.environment["SWITCHBOARD_RUN_DIR"], !run.isEmpty {
      let path = run + "/secret"
      return manager.isReadableFile(atPath: path) ? path : nil
    }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .path
    for start in [manager.currentDirectoryPath, program] {
      var directory = start
      while true {
        let path = (directory == "/" ? "" : directory) + "/.run/secret"
        if manager.isReadableFile(atPath: path) { return path }
        guard directory != "/", !directory.isEmpty else { break }
        directory = (directory as NSString).deletingLastPathComponent
      }
    }
    return nil
  }
}
