import Kernel
import Raft
import Testing

@testable import Storage

@Suite("What was erased goes from the disk")
struct PurgeTests {
  private func snapshot(_ store: DiskStore, _ index: UInt64, _ byte: UInt8) throws {
    _ = try store.writeSnapshot(
      index: LogIndex(index), term: Term(1), time: index, membership: Membership(voters: [NodeID(1)])
    ) { sink in try sink([UInt8](repeating: byte, count: 300)) }
  }

  private func marked(_ index: UInt64) -> Entry {
    let data = Array("erase-this-secret".utf8)
    return Entry(
      index: LogIndex(index), term: Term(1), time: index, checksum: CRC32C.checksum(data), data: data)
  }

  private func holds(_ scratch: Scratch, _ bytes: [UInt8]) throws -> Bool {
    try scratch.names().contains { name in
      // It may go while this looks.
      let all = (try? scratch.read(name)) ?? []
      return all.indices.contains { all[$0...].starts(with: bytes) }
    }
  }

  @Test(
    "with a snapshot behind it no segment and no older snapshot has it, though the log has not filled a segment"
  )
  func purge() throws {
    let scratch = Scratch(inMemory: true)
    let running = try Running(scratch)
    for index in 1...3 as ClosedRange<UInt64> { running.append(entry(index)) }
    try snapshot(running.store, 2, 0xAB)
    running.append(marked(4))
    running.store.purge(LogIndex(4))
    running.append(entry(5))
    #expect(try holds(scratch, Array("erase-this-secret".utf8)))
    try snapshot(running.store, 5, 0xCD)
    running.store.compact(to: LogIndex(5))
    #expect(
      try eventually {
        try !holds(scratch, Array("erase-this-secret".utf8))
          && !holds(scratch, [UInt8](repeating: 0xAB, count: 64))
      })
    running.append(entry(6))
    running.store.close()
    let again = try Running(scratch)
    #expect(again.recovered.snapshot?.index == LogIndex(5))
    #expect(again.recovered.entries.filter { $0.index > LogIndex(5) } == [entry(6)])
    again.store.close()
  }

  @Test("without a newer snapshot nothing goes")
  func waits() throws {
    let scratch = Scratch(inMemory: true)
    let running = try Running(scratch)
    running.append(entry(1))
    try snapshot(running.store, 1, 0xAB)
    running.append(marked(2))
    running.store.purge(LogIndex(2))
    running.store.compact(to: LogIndex(2))
    running.append(entry(3))
    running.store.close()
    let again = try Running(scratch)
    #expect(again.recovered.snapshot?.index == LogIndex(1))
    #expect(again.recovered.entries.filter { $0.index > LogIndex(1) } == [marked(2), entry(3)])
    again.store.close()
  }
}
