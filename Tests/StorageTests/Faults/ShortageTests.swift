import Glibc
import Testing

@testable import Storage

/// Descriptors that others have taken are no failure of the disk.
@Suite("A shortage of the system", .serialized)
struct ShortageTests {
  /// Fails so often with a code, then gives 7.
  private func scripted(_ failures: Int, _ code: Int32) -> (result: Int32, calls: Int, code: Int32) {
    var calls = 0
    let result = opening(
      { () -> Int32 in
        calls += 1
        guard calls > failures else {
          errno = code
          return -1
        }
        return 7
      }, isFailure: { $0 < 0 })
    return (result, calls, errno)
  }

  @Test("a spare descriptor is given for a file at once, and taken back when there are some again")
  func spare() {
    SpareDescriptors.refill()
    #expect(SpareDescriptors.count == SpareDescriptors.wanted)
    let (result, calls, _) = scripted(SpareDescriptors.wanted, EMFILE)
    #expect(result == 7 && calls == SpareDescriptors.wanted + 1)
    #expect(SpareDescriptors.count == SpareDescriptors.wanted)
  }

  @Test(
    "what stays short is waited for a little, then reported as what can be done later",
    arguments: [
      EMFILE, ENFILE, ENOMEM, EAGAIN,
    ])
  func lasting(code: Int32) {
    let (result, calls, errno) = scripted(.max, code)
    #expect(result == -1 && errno == code && calls > 20)
    for operation in ["open", "list"] {
      #expect(StoreError.io(operation: operation, file: "f", code: code).isDiskFull)
    }
    #expect(!StoreError.io(operation: "write", file: "f", code: code).isDiskFull)
    #expect(!StoreError.io(operation: "fsync", file: "f", code: code).isDiskFull)
    SpareDescriptors.refill()
  }

  @Test("other failures of opening are not waited for")
  func others() {
    let (result, calls, _) = scripted(.max, ENOENT)
    #expect(result == -1 && calls == 1)
  }
}
