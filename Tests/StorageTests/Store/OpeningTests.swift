import Raft
import Testing

@testable import Storage

@Suite("Opening a store")
struct OpeningTests {
  @Test("two stores cannot share a directory")
  func exclusive() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    #expect(storeError { _ = try Running(scratch) } == .inUse(directory: scratch.path))
    running.store.close()
    _ = try Running(scratch)
  }

  @Test("a store that is let go is closed")
  func letGo() throws {
    let scratch = Scratch()
    do { try Running(scratch).append(entry(1)) }
    #expect(try Running(scratch).recovered.entries == [entry(1)])
  }

  @Test("directories above are made, and an empty store is empty")
  func fresh() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a/b/"
    let (store, recovered) = try DiskStore.open(directory: path, identity: identity, options: small)
    #expect(recovered.entries == [] && recovered.snapshot == nil && recovered.hardState == HardState())
    store.close()
    let (again, same) = try DiskStore.open(directory: path, identity: identity, options: small)
    #expect(same.entries == [] && same.notes == [])
    again.close()
  }

  @Test("an option out of its range is named")
  func options() {
    let scratch = Scratch()
    let error = storeError { _ = try Running(scratch, options: StoreOptions(segmentBytes: 5000)) }
    #expect(error.map { "\($0)" }?.contains("segmentBytes is 5000") == true)
    #expect(throws: StoreError.self) { try Running(scratch, identity: StoreIdentity(cluster: "", node: 1)) }
  }

  @Test("segments of another size are read on")
  func otherSize() throws {
    let scratch = Scratch()
    var running = try Running(scratch)
    running.append(entry(1))
    running.store.close()
    running = try Running(scratch, options: StoreOptions(segmentBytes: 16384, minimumFreeBytes: 0))
    for index in 2...30 as ClosedRange<UInt64> { running.append(entry(index, count: 900)) }
    running.store.close()
    #expect(try Running(scratch).recovered.entries.count == 30)
  }

  @Test("what is submitted after closing is dropped without harm")
  func closed() throws {
    let scratch = Scratch()
    let running = try Running(scratch)
    running.append(entry(1))
    running.store.close()
    running.submit { $0.entries = [entry(2)] }
    running.store.close()
    #expect(try Running(scratch).recovered.entries == [entry(1)])
  }
}
