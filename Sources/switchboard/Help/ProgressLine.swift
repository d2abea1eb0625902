import Backup
import Foundation

/// One line for a person at a terminal, written over and over; nothing in a pipe.
final class ProgressLine {
  private static let isSeen = isatty(STDERR_FILENO) == 1
  private var shown = ""

  func show(_ progress: BackupMaking.Progress) {
    guard Self.isSeen else { return }
    let text = "\(progress.file) \(Int(progress.part * 100)) %"
    guard text != shown else { return }
    shown = text
    Terminal.put("\r\u{1B}[K" + Terminal.harmless(text), STDERR_FILENO)
  }

  func clear() {
    guard Self.isSeen, !shown.isEmpty else { return }
    shown = ""
    Terminal.put("\r\u{1B}[K", STDERR_FILENO)
  }
}
