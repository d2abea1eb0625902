import Testing

@testable import Host

@Suite("Memory of this process")
struct ResidentMemoryTests {
  @Test("is what the system says")
  func reads() throws {
    let before = try #require(ResidentMemory.read())
    #expect(before > 1 << 20)
    let bytes = [UInt8](repeating: 1, count: 64 << 20)
    let after = try #require(ResidentMemory.read())
    #expect(after - before > 32 << 20 && bytes[5] == 1)
    ResidentMemory.giveBack()
  }
}
