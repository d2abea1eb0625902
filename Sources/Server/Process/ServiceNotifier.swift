import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tells systemd how this process is (sd_notify): a datagram to the socket that the environment names.
struct ServiceNotifier: Sendable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// nil: nobody asked.
  private let socket: String?
  /// A process that says nothing for so long is killed and started again; nil: nobody watches.
  let watchdogMicroseconds: UInt64?

  /// - Parameter environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, as systemd sets them.
  init(environment: [String: String], process: Int32 = getpid()) {
    socket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
    let time = environment["WATCHDOG_USEC"].flatMap { UInt64($0) }
    watchdogMicroseconds = isMeant && socket != nil ? time.flatMap { $0 > 0 ? $0 : nil } : nil
  }

  /// - Parameters:
  ///   - state: lines like `READY=1`.
  ///   - isRepeated: it will be told again, and is not waited for.
  /// - Throws: when there is somebody to tell and it cannot be told within two seconds.
  func tell(_ state: String, isRepeated: Bool = false) throws {
    guard let socket else { return }
    guard let first = socket.utf8.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else {
      throw Failure(description: "NOTIFY_SOCKET=\(socket) is neither a path nor an abstract name")
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(socket.utf8)
    // An abstract name begins with a zero, and ends where its length says.
    if first == UInt8(ascii: "@") { name[0] = 0 } else { name.append(0) }
    guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else {
      throw Failure(description: "NOTIFY_SOCKET=\(socket) is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + name.count } ?? 0
    #if canImport(Glibc)
      let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    #else
      let kind = SOCK_DGRAM
    #endif
    let descriptor = Self.open(kind)
    guard descriptor >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    // Nobody may hold the node up.
    var patience = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let text = Array(state.utf8)
    let sent = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          descriptor, text, text.count, isRepeated ? Int32(MSG_DONTWAIT) : 0, $0, socklen_t(length))
      }
    }
    guard sent == text.count else {
      throw Failure(description: "NOTIFY_SOCKET=\(socket): \(String(cString: strerror(errno)))")
    }
  }

  /// A node serves whether or not systemd hears of it.
  func say(_ state: String, isRepeated: Bool = false, _ logger: Logger) {
    do { try tell(state, isRepeated: isRepeated) } catch {
      logger.warning("systemd cannot be told", metadata: ["state": "\(state)", "reason": "\(error)"])
    }
  }

  private static func open(_ kind: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.socket(AF_UNIX, kind, 0)
    #else
      Darwin.socket(AF_UNIX, kind, 0)
    #endif
  }
}
