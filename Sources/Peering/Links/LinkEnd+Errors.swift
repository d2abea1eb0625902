internal import Certificates
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

extension LinkEnd {
  /// What an error of a channel, or of an attempt to connect, says about the other side.
  /// - Parameters:
  ///   - greeted: the handshake was done.
  ///   - side: who it is, for what TLS says.
  init(_ error: any Error, greeted: Bool, side: TLSFailure.Side) {
    switch error {
    case let error as IOError:
      switch error.errnoCode {
      case ECONNRESET, EPIPE, ECONNABORTED: self = .reset
      case ECONNREFUSED: self = .refused
      case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: self = .timedOut
      default: self = greeted ? .closed : .handshakeFailed("\(error)")
      }
    case ChannelError.connectTimeout: self = .timedOut
    case let error as NIOConnectionError:
      if let failure = error.connectionErrors.last {
        self = LinkEnd(failure.error, greeted: greeted, side: side)
      } else {
        let why = error.dnsAError ?? error.dnsAAAAError
        self = .handshakeFailed("cannot find \(error.host)\(why.map { ": \($0)" } ?? "")")
      }
    case NIOSSLError.uncleanShutdown: self = .closed
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      let words = TLSFailure.words(for: error, from: side) ?? "TLS: \(error)"
      self = greeted ? .violation(words) : .handshakeFailed(words)
    default: self = greeted ? .closed : .handshakeFailed("\(error)")
    }
  }
}
