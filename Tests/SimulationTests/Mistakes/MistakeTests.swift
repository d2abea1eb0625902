import Simulation
import Testing

/// All windows are looked through by `scripts/simulate find-mistakes`, where the code is optimized; here are those that
/// take a few seeds, so that whoever runs the tests alone sees that a mistake is found at all.
@Suite struct MistakeTests {
  @Test("a mistake that is built in is found", arguments: MistakeWindow.common.filter { $0.seeds.count <= 6 })
  func soon(window: MistakeWindow) {
    #expect(window.find() != nil, "\(window.name) is not found in seeds \(window.seeds)")
  }

  @Test("a window without its mistake finds nothing")
  func sound() throws {
    let window = try #require(MistakeWindow.common.min { $0.seeds.count < $1.seeds.count })
    #expect(window.seeds.allSatisfy { SeedRun.run(seed: $0).violations.isEmpty })
  }

  @Test("every mistake has a window, once")
  func complete() {
    let listed =
      (MistakeWindow.common + MistakeWindow.rare).map(\.name) + MistakeWindow.masked
      + MistakeWindow.unplaced
    #expect(listed.sorted() == Mistake.all.map(\.name).sorted())
  }
}
