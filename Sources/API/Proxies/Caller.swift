internal import Gateway

/// Who is at the other end of a connection: the peer of its socket, or whom a PROXY header names in its place.
struct Caller: Sendable, Equatable {
  /// nil: a socket without one.
  var address: IPAddress?
  /// Whether it is a proxy that is trusted: the headers of each request say for whom it asks.
  var isProxy = false

  /// Whose limits count, if it asks for itself.
  var group: String { address?.group ?? "local" }
}
