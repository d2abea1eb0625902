import Raft
import Testing

@testable import Storage

@Suite("A disk that a test disturbs")
struct DiskFaultsTests {
  private func options(_ faults: DiskFaults) -> StoreOptions {
    var options = small
    options.minimumFreeBytes = 4096
    options.faults = faults
    return options
  }

  @Test("full, it is reported once, what was claimed can be written, and room is reported when it is over")
  func full() throws {
    let scratch = Scratch()
    let faults = DiskFaults()
    let running = try Running(scratch, options: options(faults))
    running.write { $0.hardState = HardState(term: Term(1)) }
    faults.set(syncDelay: 0, isFull: true)
    running.write { $0.hardState = HardState(term: Term(2)) }
    #expect(running.completions.wait { $0.edges == [.full] })
    #expect(running.store.statistics.isDiskFull)
    faults.set(syncDelay: 0, isFull: false)
    #expect(running.completions.wait { $0.edges == [.full, .room] })
    running.store.close()
    #expect(try Running(scratch, start: false).recovered.hardState.term == Term(2))
  }

  @Test("slow, each sync takes as long as it was told, and everything is durable all the same")
  func slow() throws {
    let scratch = Scratch()
    let faults = DiskFaults()
    let running = try Running(scratch, options: options(faults))
    faults.set(syncDelay: 40, isFull: false)
    running.write { $0.hardState = HardState(term: Term(1)) }
    #expect(running.store.statistics.slowestSyncSeconds >= 0.04)
    running.store.close()
    #expect(try Running(scratch, start: false).recovered.hardState.term == Term(1))
  }
}
