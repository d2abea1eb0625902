import Raft
import Testing

@testable import Storage

/// Each fault, on real files: the answer, its words, what is left of the directory, and the way back.
@Suite("Faults that keep a store shut")
struct RefusalTests {
  private static let whole = Result { try StoreCopies.whole().contents() }
  private static let compacted = Result { try StoreCopies.compacted().contents() }

  private func broken(by fault: Fault) throws -> Scratch {
    let copy = try Scratch(holding: (fault.isCompacted ? Self.compacted : Self.whole).get())
    try fault.apply(copy)
    return copy
  }

  private func answer(to error: StoreError?) -> (Fault.Answer, file: String)? {
    switch error {
    case .missing(let file, _): (.missing, file)
    case .damaged(let file, _, _): (.damaged, file)
    case .otherOwner(let file, _, _): (.otherOwner, file)
    case .formatVersion(let file, let found, let supported):
      (found > supported ? .laterFormat : .earlierFormat, file)
    case .unknownRecord(let file, _, _): (.unknownRecord, file)
    default: nil
    }
  }

  @Test("the stores that the faults are put into open as they should")
  func sound() throws {
    let scratch = try [Scratch(holding: Self.whole.get()), Scratch(holding: Self.compacted.get())]
    defer { withExtendedLifetime(scratch) {} }
    let whole = try Running(scratch[0])
    #expect(whole.recovered.entries == StoreCopies.entries && whole.recovered.opening == .restored)
    #expect(whole.recovered.hardState.commit == LogIndex(18) && whole.recovered.notes == [])
    #expect(try Self.whole.get().keys.sorted() == (1...7).map(FileNames.segment) + [FileNames.manifest])
    let compacted = try Running(scratch[1])
    #expect(compacted.recovered.snapshot?.index == LogIndex(16))
    #expect(compacted.recovered.entries == Array(StoreCopies.entries.suffix(2)))
    whole.store.close()
    compacted.store.close()
  }

  @Test("the store stays shut, says which file and what to do, and nothing in it changes", arguments: Fault.all)
  func refused(_ fault: Fault) throws {
    let scratch = try broken(by: fault)
    // What a crash leaves is there as well, and is not cleared away before all else is found good.
    for name in ["segment.tmp", "recycled.tmp", "store.tmp"] { try scratch.write(name, [1, 2, 3]) }
    let before = try scratch.contents()
    let error = try #require(storeError { _ = try Running(scratch) }, "it was opened")
    let found = try #require(answer(to: error), "\(error)")
    #expect(found.0 == fault.answer, "\(error)")
    #expect(found.file.contains(fault.file) && found.file.hasPrefix(scratch.path), "\(error)")
    #expect(try scratch.contents() == before)
    let text = "\(error)"
    #expect(text.contains(found.file))
    switch fault.answer {
    case .missing, .damaged, .laterFormat, .earlierFormat, .unknownRecord:
      #expect(text.contains("`switchboard rebuild --data \(scratch.path)`"), "\(text)")
    case .otherOwner:
      #expect(
        text.contains("own directory") && text.contains("`switchboard rebuild --data \(scratch.path)"),
        "\(text)")
    }
    if fault.answer == .laterFormat {
      #expect(text.contains("this release reads version 1") && text.contains("that later release"), "\(text)")
    }
  }

  @Test("an inspection says the same, and changes nothing", arguments: Fault.all)
  func inspected(_ fault: Fault) throws {
    let scratch = try broken(by: fault)
    let before = try scratch.contents()
    let inspection = try StoreInspection.inspect(directory: scratch.path, expecting: identity)
    #expect(try scratch.contents() == before)
    #expect(inspection.refusal == storeError { _ = try Running(scratch) })
    let refusal = try #require(inspection.refusal)
    #expect(inspection.damage.contains(refusal) && inspection.opening == nil && inspection.hardState == nil)
  }

  @Test(
    "a rebuild gives an empty store of the same node that does not vote, and keeps all files",
    arguments: Fault.all)
  func rebuilt(_ fault: Fault) throws {
    let scratch = try broken(by: fault)
    if fault.file == "/rejoin" { try scratch.directory.remove(FileNames.rejoin) }
    let before = try scratch.contents()
    let kept = Scratch(inMemory: true)
    if fault.answer == .otherOwner, fault.file == "/store" {
      // Nobody empties another node by mistake: with files of two it has to be said which one it is.
      let error = storeError {
        _ = try StoreRebuild.empty(directory: scratch.path, keepingDamagedIn: kept.path)
      }
      guard case .otherOwner = error else { return #expect(Bool(false), "\(String(describing: error))") }
      #expect(try scratch.contents() == before)
    }
    let outcome = try StoreRebuild.empty(
      directory: scratch.path, identity: identity, keepingDamagedIn: kept.path)
    #expect(outcome.identity == identity && outcome.keptIn == kept.path)
    #expect(try kept.contents() == before)
    for _ in 0..<2 {
      let running = try Running(scratch)
      #expect(running.recovered.opening == .rejoining)
      #expect(running.recovered.entries == [] && running.recovered.snapshot == nil)
      #expect(running.recovered.hardState == HardState() && running.recovered.notes == [])
      running.store.close()
    }
  }
}
