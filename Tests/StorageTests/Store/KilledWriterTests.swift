import Glibc
import Kernel
import Raft
import Synchronization
import Testing

@testable import Storage

/// A process that writes without pause and is killed. What it was told to be durable it notes in a file that lives
/// through its death.
@Suite("A killed writer")
struct KilledWriterTests {
  @Test("whatever was completed before a kill is recovered, again and again")
  func killed() async throws {
    let scratch = Scratch()
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Seeded(state: seed)
    try File(scratch.path + "/promised", .create).write([UInt8](repeating: 0, count: 8), at: 0)
    for round in 0..<8 {
      let groups = UInt64.random(in: 1...120, using: &random)
      let state = random.next()
      let path = scratch.path
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, groups = groups as UInt64, state = state as UInt64] in
        try writeUntilKilled(path, groups: groups, seed: state)
      }
      let promised = try Promise(scratch.path).value
      let running = try Running(scratch, options: killedOptions, start: false)
      let recovered = running.recovered
      let base = recovered.snapshot?.index.rawValue ?? 0
      let end = base + UInt64(recovered.entries.count)
      #expect(end >= promised, "seed \(seed), round \(round)")
      for found in recovered.entries { #expect(found == killedEntry(found.index.rawValue), "seed \(seed)") }
      #expect(recovered.hardState.commit.rawValue + 64 >= promised, "seed \(seed), round \(round)")
      running.store.close()
    }
    #expect(try Promise(scratch.path).value > 0, "seed \(seed): nothing was ever completed")
  }
}

private let killedOptions = StoreOptions(segmentBytes: 64 << 10, minimumFreeBytes: 0)

private func killedEntry(_ index: UInt64) -> Entry { entry(index, count: Int(index * 7919 % 1500)) }

/// The highest index that was completed, in a file of eight bytes.
private struct Promise {
  let file: File
  init(_ directory: String) throws { file = try File(directory + "/promised", .open) }

  var value: UInt64 {
    get throws {
      var reader = ByteReader(try file.read(count: 8, at: 0)[...])
      return reader.take(UInt64.self) ?? 0
    }
  }

  func note(_ index: UInt64) {
    var writer = ByteWriter()
    writer.put(index)
    try? file.write(writer.bytes, at: 0)
  }
}

private func writeUntilKilled(_ path: String, groups: UInt64, seed: UInt64) throws {
  var random = Seeded(state: seed)
  let (store, recovered) = try DiskStore.open(directory: path, identity: identity, options: killedOptions)
  let promise = try Promise(path)
  var index = (recovered.snapshot?.index.rawValue ?? 0) + UInt64(recovered.entries.count)
  let lastOfWrite = Mutex<[UInt64: UInt64]>([:])
  let completed = Atomic<UInt64>(0)
  let durable = Atomic<UInt64>(index)
  store.start { completion in
    guard case .durable(let number, _) = completion else { return }
    let last = lastOfWrite.withLock { $0[number] } ?? 0
    promise.note(last)
    durable.store(last, ordering: .releasing)
    if completed.add(1, ordering: .relaxed).newValue >= groups { kill(getpid(), SIGKILL) }
  }
  var number: UInt64 = 0
  while true {
    number += 1
    var write = Write(number: number)
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      index += 1
      write.entries.append(killedEntry(index))
    }
    write.hardState = HardState(term: Term(1), vote: NodeID(1), commit: LogIndex(index))
    let last = index
    lastOfWrite.withLock { $0[number] = last }
    store.submit([write])
    while store.backlogBytes > 40_000 { sched_yield() }
    if number % 40 == 0 {
      let at = durable.load(ordering: .acquiring)
      _ = try store.writeSnapshot(
        index: LogIndex(at), term: Term(1), time: 0, membership: Membership(voters: [NodeID(1)])
      ) { sink in try sink([UInt8](repeating: 3, count: 5000)) }
      store.compact(to: LogIndex(at))
    }
  }
}
