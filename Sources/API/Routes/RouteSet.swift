internal import Hummingbird

/// Routes that belong together.
protocol RouteSet: Sendable {
  /// Its paths, for the table of methods; a word in braces stands for any.
  var paths: [String] { get }
  /// Whether a token is verified before. A route that nobody has to prove anything to does not judge tokens either.
  var needsIdentity: Bool { get }
  /// The methods of one of its paths, as the header `Allow` lists them.
  func methods(of path: String) -> String
  func add(to routes: some RouterMethods<APIContext>)
}

extension RouteSet {
  var needsIdentity: Bool { true }
  func methods(of path: String) -> String { "GET, HEAD" }
}
