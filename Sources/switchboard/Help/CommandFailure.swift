import ArgumentParser

/// A failure whose text says all that is to say.
struct CommandFailure: Error, CustomStringConvertible {
  var description: String
  var exit: Exit

  init(_ description: String, _ exit: Exit = .refused) { (self.description, self.exit) = (description, exit) }
}

/// How commands end. 0 is done, 64 a wrong use; docs/command-line.md has the table.
enum Exit: Int32 {
  /// Refused, or failed: the same again ends the same way.
  case refused = 1
  /// No node could do it now: none is reachable, or there is no quorum. The same again may succeed.
  case notNow = 2

  static let summary =
    "Exit code: 0 done, 1 refused, 2 no node could do it now (ask again), 64 wrong use."
}
