import Foundation
import Synchronization

/// The terminal while a line is edited in it: every key comes at once and by itself, and pastes come in brackets.
enum TerminalMode {
  /// Where the line is drawn: standard output, or the terminal itself when that goes elsewhere.
  static let screen: CInt = isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : open("/dev/tty", O_WRONLY | O_CLOEXEC)

  static let isDumb: Bool = ["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")

  /// How the terminal was found.
  private static let found: termios? = {
    var mode = termios()
    return tcgetattr(STDIN_FILENO, &mode) == 0 ? mode : nil
  }()

  /// Whether it was changed, and is to be put back.
  private static let isEntered = Atomic(false)

  static func enter() {
    guard var mode = found else { return }
    isEntered.store(true, ordering: .sequentiallyConsistent)
    mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    mode.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | IGNCR | ISTRIP)
    withUnsafeMutableBytes(of: &mode.c_cc) { keys in
      keys[Int(VMIN)] = 1
      keys[Int(VTIME)] = 0
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
    if !isDumb { Terminal.put("\u{1B}[?2004h", screen) }
  }

  static func leave() {
    guard isEntered.exchange(false, ordering: .sequentiallyConsistent), var mode = found else { return }
    if !isDumb { Terminal.put("\u{1B}[?2004l", screen) }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
  }

  /// Enters, and leaves whatever ends the program.
  /// - Parameter changed: called, on another thread, when the terminal has another size.
  /// - Returns: what has to be kept for as long as that is to be heard.
  static func enterUntilExit(changed: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
    enter()
    atexit { TerminalMode.leave() }
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGTERM, SIGHUP, SIGINT, SIGWINCH] {
      if number != SIGWINCH { signal(number, SIG_IGN) }
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        if number == SIGWINCH {
          changed()
        } else {
          TerminalMode.leave()
          _exit(128 + number)
        }
      }
      source.resume()
      sources.append(source)
    }
    return sources
  }

  /// Ctrl-Z: stops until somebody says `fg`.
  static func suspend() {
    leave()
    kill(0, SIGTSTP)
    enter()
  }

  static var columns: Int {
    var size = winsize()
    guard ioctl(screen, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
