import Crypto
import Kernel
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  @Test("it is that of the package, for messages that end anywhere in a block")
  func package() {
    for count in Array(0...130) + [1_000, 4_096] {
      let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
      #expect(Kernel.SHA256.digest(message) == Array(Crypto.SHA256.hash(data: message)), "\(count) bytes")
    }
  }
}
