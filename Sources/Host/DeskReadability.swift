import Desk
import Raft
import Storage

extension Readability {
  /// Told from the first bytes of snapshots and entries: both name their level.
  static let desk = Readability(
    snapshot: { start in
      do throws(SnapshotError) { _ = try SnapshotLabel.check(start) } catch {
        switch error {
        case .newerLevel(let level, let release):
          return "\(UnreadableLevel(level: level, release: release.isEmpty ? nil : release))"
        case .unsupportedVersion: return "\(UnreadableLevel(level: nil, release: nil))"
        // What is damaged is found, and named, by those who read it.
        case .notASnapshot, .damaged: return nil
        }
      }
      return nil
    },
    entry: { entry in
      guard entry.kind == .command else { return nil }
      do throws(UnreadableLevel) { _ = try CommandCodec.checkLevel(of: entry.data) } catch { return "\(error)" }
      return nil
    })
}
