import Testing

@testable import Raft

@Suite struct ReplicatedLogTests {
  /// What a log should do, done the slow way.
  private struct Model {
    var entries: [Entry] = []
    var base = ReplicatedLog.Base(index: .zero, term: .zero, time: 0)
    func term(at index: LogIndex) -> Term? {
      index == base.index ? base.term : entries.first { $0.index == index }?.term
    }
  }

  @Test("appends, cuts and compactions in any order leave what a plain array would", arguments: 0..<50)
  func behavesLikeAnArray(seed: UInt64) {
    var dice = Dice(seed: seed)
    var model = Model()
    var log = ReplicatedLog(base: model.base)
    var term: UInt64 = 1
    for _ in 0..<400 {
      switch dice.below(10) {
      case 0..<6:
        if dice.chance(20) { term += 1 }
        let entry = Entry(index: log.lastIndex.next, term: Term(term), time: dice.next() % 9, data: [1])
        log.append(entry)
        model.entries.append(entry)
      case 6..<8:
        let index = log.firstIndex + dice.below(log.count + 2)
        log.truncate(from: index)
        model.entries.removeAll { $0.index >= index }
      default:
        let index = log.firstIndex + dice.below(log.count / 2 + 1)
        log.compact(through: index)
        if let last = model.entries.first(where: { $0.index == index }) {
          model.base = .init(index: last.index, term: last.term, time: last.time)
        }
        model.entries.removeAll { $0.index <= index }
      }
      #expect(log.entries(from: log.firstIndex, through: log.lastIndex) == model.entries)
      #expect(log.base == model.base)
      #expect(log.lastTerm == model.entries.last?.term ?? model.base.term)
      let probe = LogIndex(UInt64(dice.below(Int(log.lastIndex.rawValue) + 3)))
      #expect(log.term(at: probe) == model.term(at: probe))
      let asked = Term(UInt64(dice.below(Int(term) + 2)))
      let bound = log.agreementBound(at: probe, term: asked).index
      #expect(bound <= probe)
      // Nothing above the bound has a term as low as was asked for.
      for entry in model.entries where entry.index > bound && entry.index <= probe {
        #expect(entry.term > asked)
      }
      if bound >= log.base.index, bound <= log.lastIndex, let found = log.term(at: bound) {
        #expect(found <= asked)
      }
    }
  }

  @Test("a batch fits the limit of bytes, and holds at least one entry")
  func batchesAreBounded() {
    var log = ReplicatedLog(base: .init(index: LogIndex(4), term: Term(1), time: 0))
    for index in 5...9 as ClosedRange<UInt64> {
      log.append(Entry(index: LogIndex(index), term: Term(1), time: 0, data: [1, 2, 3, 4, 5, 6, 7, 8]))
    }
    #expect(log.entries(from: LogIndex(5), maxBytes: 100).entries.map(\.index) == [LogIndex(5), LogIndex(6)])
    #expect(log.entries(from: LogIndex(5), maxBytes: 80).bytes == 80)
    #expect(log.entries(from: LogIndex(9), maxBytes: 1).entries.count == 1)
    #expect(log.entries(from: LogIndex(10), maxBytes: 100).entries.isEmpty)
    #expect(log.entries(from: LogIndex(4), maxBytes: 100).entries.isEmpty)
  }
}
