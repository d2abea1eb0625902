import Foundation

/// What standard output and standard error can do.
enum Terminal {
  enum Style: String {
    case plain = "0"
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  /// Colours are for people: not in a pipe, and not for who has said NO_COLOR.
  static let isColourful =
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty ?? true

  /// How wide a page may be.
  static var columns: Int {
    var size = winsize()
    if isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init) ?? 80
  }

  static let hasPerson = isatty(STDIN_FILENO) == 1

  static func paint(_ text: String, _ style: Style, isColourful: Bool = isColourful) -> String {
    isColourful && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Whether a person sits before standard output.
  static let isSeen = isatty(STDOUT_FILENO) == 1

  /// Whether nobody can read standard output any more; a pipe tells it to whoever writes, and to whoever asks.
  static var isForsaken: Bool {
    var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&output, 1, 0) > 0 && output.revents & Int16(POLLERR) != 0
  }

  /// A whole line at once, so that lines of several writers do not mix, and at once for whoever reads the pipe.
  static func say(_ line: String) { put(line + "\n", STDOUT_FILENO) }

  /// For programs: one line.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func complain(_ line: String) { put(line + "\n", STDERR_FILENO) }

  /// Whoever reads may have seen enough (`| head`): then the program ends, and says nothing of it.
  static func put(_ text: String, _ descriptor: CInt) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        if written >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        } else if errno == EAGAIN {
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wanted, 1, 1000)
        } else if errno != EINTR {
          if errno == EPIPE, descriptor == STDOUT_FILENO {
            TerminalMode.leave()
            _exit(EXIT_SUCCESS)
          }
          return
        }
      }
    }
  }

  /// A text of several lines: what is behind the first one is set in, so that it cannot pass for a line of its own.
  static func block(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { harmless(String($0)) }
      .joined(separator: "\n  ")
  }

  /// `70,000`.
  static func grouped(_ number: Int) -> String {
    let digits = String(number)
    return String(
      digits.enumerated().flatMap { place, digit in
        place > 0 && (digits.count - place).isMultiple(of: 3) ? [",", digit] : [digit]
      })
  }

  /// Text from elsewhere must not steer the terminal: control characters are shown, not obeyed.
  static func harmless(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
          return isControl && scalar != "\t" ? "\u{FFFD}" : scalar
        }))
  }
}
