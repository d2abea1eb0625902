import Raft
import Testing

@testable import Storage

@Suite("A store whose node must not start with it again")
struct StoppedMarkTests {
  @Test("is refused with the reason and what to do, until it was emptied")
  func stopped() throws {
    let scratch = Scratch(inMemory: true)
    let (store, _) = try DiskStore.open(directory: scratch.path, identity: identity, options: small)
    try store.stopForGood("it differs")
    store.close()
    for _ in 0..<2 {
      do throws(StoreError) {
        _ = try DiskStore.open(directory: scratch.path, identity: identity, options: small)
        Issue.record("it was opened")
      } catch {
        #expect("\(error)".contains("it differs") && "\(error)".contains("switchboard rebuild"))
      }
    }
    let found = try StoreInspection.inspect(directory: scratch.path)
    #expect(found.foreign == [] && found.refusal != nil)
    _ = try StoreRebuild.empty(directory: scratch.path)
    let (again, recovered) = try DiskStore.open(directory: scratch.path, identity: identity, options: small)
    #expect(recovered.opening == .rejoining)
    again.close()
  }
}
