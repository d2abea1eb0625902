import Glibc
import Raft
import Testing

@testable import Storage

@Suite("Emptying a store and coming back")
struct RebuildTests {
  /// A store in a folder of its own, so that there may be others beside it.
  private func makeStore() throws -> (outer: Scratch, directory: Directory, contents: [String: [UInt8]]) {
    let whole = try StoreCopies.whole()
    let outer = Scratch(inMemory: true)
    let directory = Directory(path: outer.path + "/n1")
    mkdir(directory.path, 0o700)
    for name in try whole.names() { try File(directory.file(name), .create).write(whole.read(name), at: 0) }
    return (outer, directory, try whole.contents())
  }

  private func contents(_ directory: Directory) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try directory.names() where name != FileNames.lock {
      let file = try File(directory.file(name), .read)
      contents[name] = try file.read(count: Int(file.size()), at: 0)
    }
    return contents
  }

  private func open(_ directory: Directory) throws -> (DiskStore, RecoveredState) {
    try DiskStore.open(directory: directory.path, identity: identity, options: small)
  }

  @Test("the old files are kept beside the directory, in a folder that is new each time")
  func kept() throws {
    let (outer, directory, before) = try makeStore()
    defer { withExtendedLifetime(outer) {} }
    for round in 1...3 {
      let outcome = try StoreRebuild.empty(directory: directory.path + "/")
      #expect(outcome.identity == identity && outcome.foreign == [])
      #expect(outcome.keptIn == outer.path + "/n1.damaged-\(round)")
      if round == 1 {
        #expect(try contents(Directory(path: outer.path + "/n1.damaged-1")) == before)
        #expect(Set(outcome.files) == Set(before.keys) && outcome.files.first == FileNames.manifest)
      }
      let (store, recovered) = try open(directory)
      #expect(recovered.opening == .rejoining && recovered.entries == [])
      store.close()
    }
    #expect(try outer.names() == ["n1", "n1.damaged-1", "n1.damaged-2", "n1.damaged-3"])
    // Nothing was deleted: moved back, it is the store that it was.
    let old = Directory(path: outer.path + "/n1.damaged-1")
    let (store, recovered) = try open(old)
    #expect(recovered.entries == StoreCopies.entries && recovered.opening == .restored)
    store.close()
  }

  @Test("only who asks for it loses the old files")
  func discarded() throws {
    let (outer, directory, _) = try makeStore()
    defer { withExtendedLifetime(outer) {} }
    let outcome = try StoreRebuild.empty(directory: directory.path, discarding: true)
    #expect(outcome.keptIn == nil && outcome.files.count == 8)
    #expect(try outer.names() == ["n1"])
    #expect(try directory.names() == [FileNames.lock, FileNames.rejoin, FileNames.manifest])
  }

  @Test("a store that is open is not emptied, and one that is being looked at is not opened")
  func locked() throws {
    let (outer, directory, before) = try makeStore()
    defer { withExtendedLifetime(outer) {} }
    let (store, _) = try open(directory)
    #expect(
      storeError { _ = try StoreRebuild.empty(directory: directory.path) } == .inUse(directory: directory.path))
    let inspection = try StoreInspection.inspect(directory: directory.path)
    #expect(inspection.isInUse && inspection.identity == identity && inspection.refusal == nil)
    #expect(inspection.segments.count == 7 && inspection.opening == nil)
    store.close()
    #expect(try contents(directory) == before)
    let lock = try DirectoryLock(lookingAt: directory)
    #expect(lock != nil)
    #expect(storeError { _ = try open(directory) } == .inUse(directory: directory.path))
    // Two may look at the same time.
    #expect(try !StoreInspection.inspect(directory: directory.path).isInUse)
  }

  @Test("whose store it is comes from any file that says it, or from the caller, and has to be right")
  func owner() throws {
    let (outer, directory, _) = try makeStore()
    defer { withExtendedLifetime(outer) {} }
    let other = storeError {
      _ = try StoreRebuild.empty(directory: directory.path, identity: StoreCopies.otherNode)
    }
    guard case .otherOwner(_, identity, StoreCopies.otherNode) = other else {
      return #expect(Bool(false), "\(String(describing: other))")
    }
    try File(directory.file(FileNames.manifest), .create).write([1, 2], at: 0)
    #expect(try StoreInspection.inspect(directory: directory.path).identity == identity)
    #expect(try StoreRebuild.empty(directory: directory.path).identity == identity)
    // The emptied one says it too.
    #expect(try StoreInspection.inspect(directory: directory.path).identity == identity)

    let empty = outer.path + "/empty"
    mkdir(empty, 0o700)
    #expect(storeError { _ = try StoreRebuild.empty(directory: empty) } == .noIdentity(directory: empty))
    #expect(try StoreRebuild.empty(directory: empty, identity: identity).keptIn == nil)
    #expect(try StoreInspection.inspect(directory: empty).opening == .rejoining)
    guard case .io(_, _, ENOENT) = storeError({ _ = try StoreRebuild.empty(directory: empty + "/gone") }) else {
      return #expect(Bool(false), "a directory was made up")
    }
  }

  @Test("a folder for the old files that has something in it is not used, and nothing has happened")
  func usedFolder() throws {
    let (outer, directory, before) = try makeStore()
    defer { withExtendedLifetime(outer) {} }
    mkdir(outer.path + "/kept", 0o700)
    try File(outer.path + "/kept/store", .create).write([1], at: 0)
    let error = storeError {
      _ = try StoreRebuild.empty(directory: directory.path, keepingDamagedIn: outer.path + "/kept")
    }
    guard case .option = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(try contents(directory) == before)
  }

  @Test(
    "a directory that is a mount of its own keeps the old files in itself",
    .enabled(if: Tmpfs.isPermitted, "mounting a tmpfs is not permitted here"))
  func mount() throws {
    let disk = try #require(Tmpfs(bytes: 1 << 20))
    let running = try Running(disk.scratch)
    running.append(entry(1))
    running.store.close()
    let outcome = try StoreRebuild.empty(directory: disk.scratch.path)
    #expect(outcome.keptIn == disk.scratch.path + "/damaged-1")
    let again = try Running(disk.scratch)
    #expect(again.recovered.opening == .rejoining && again.recovered.entries == [])
  }

  @Test("cut short after any step, the node never votes, nothing is lost, and a second try ends it")
  func everyStep() throws {
    let whole = try StoreCopies.whole()
    let before = try whole.contents()
    let steps = RebuildPlan(directory: whole.directory, identity: identity, names: try whole.names()).steps
    #expect(steps.count == 1 + 8 + 2)
    for done in 0...steps.count {
      let scratch = try whole.copy()
      let first = Scratch(inMemory: true)
      let plan = RebuildPlan(directory: scratch.directory, identity: identity, names: try scratch.names())
      for step in steps[..<done] { try plan.perform(step, keepingIn: first.directory) }
      do {
        let copy = try scratch.copy()
        defer { withExtendedLifetime(copy) {} }
        let running = try Running(copy)
        defer { running.store.close() }
        #expect(running.recovered.opening == (done == 0 ? .restored : .rejoining), "after \(done) steps")
        // What is opened is the whole log or an empty one, never a part.
        #expect([18, 0].contains(running.recovered.entries.count), "after \(done) steps")
      } catch {
        #expect(error is StoreError && done > 1 && done < steps.count - 2, "after \(done) steps: \(error)")
      }
      let second = Scratch(inMemory: true)
      let outcome = try StoreRebuild.empty(directory: scratch.path, keepingDamagedIn: second.path)
      #expect(outcome.identity == identity, "after \(done) steps")
      let kept = try second.contents().merging(first.contents()) { _, earlier in earlier }
      #expect(kept == before, "after \(done) steps")
      #expect(try Running(scratch).recovered.opening == .rejoining)
    }
  }
}
