#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Descriptors that are open for nothing: given back when the system has no others, so that who comes then can be told.
struct DescriptorReserve: ~Copyable {
  static let size = 8
  private var held: [CInt] = []

  /// - Returns: whether all of them are there.
  mutating func fill() -> Bool {
    while held.count < Self.size {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return false }
      held.append(descriptor)
    }
    return true
  }

  mutating func release() {
    for descriptor in held { close(descriptor) }
    held = []
  }

  deinit { for descriptor in held { close(descriptor) } }
}
