import Simulation
import Testing

@Suite struct MistakeTests {
  @Test("a mistake that is built in is found", arguments: MistakeTable.common)
  func common(line: MistakeTable.Line) throws {
    try find(line)
  }

  #if !DEBUG
    @Test("a mistake that shows rarely is found", arguments: MistakeTable.rare)
    func rare(line: MistakeTable.Line) throws {
      try find(line)
    }
  #endif

  @Test("every mistake is in the table, once")
  func complete() {
    let listed = (MistakeTable.common + MistakeTable.rare).map(\.name) + MistakeTable.masked
    #expect(listed.sorted() == Mistake.all.map(\.name).sorted())
  }

  private func find(_ line: MistakeTable.Line) throws {
    let mistake = try #require(Mistake(name: line.name))
    for seed in line.seeds where !SeedRun.run(seed: seed, mistake: mistake).violations.isEmpty { return }
    Issue.record("\(line.name) is not found in seeds \(line.seeds)")
  }
}
