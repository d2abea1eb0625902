internal import NIOCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A node cannot listen at an address that its configuration names: which, why, and what to do.
package struct ListenFailure: Error, CustomStringConvertible {
  package let description: String

  /// - Parameters:
  ///   - purpose: for instance "clients".
  ///   - key: of the configuration, for the port.
  package init(_ error: any Error, purpose: String, host: String, port: Int, key: String) {
    let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    description = "cannot listen for \(purpose) at \(place) (\(key)): \(Self.reason(error))"
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
      "another process has this port (`ss -lntup` shows which); end that one, or choose another port"
    case EADDRNOTAVAIL:
      "no interface of this machine has that address; give one that it has, or 0.0.0.0 for all"
    case EACCES:
      "the system allows this port to root alone; choose one above 1023, or give CAP_NET_BIND_SERVICE"
    default: "\(error)"
    }
  }
}
