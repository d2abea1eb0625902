import Glibc
import Testing

@testable import Storage

@Suite("A folder that is set aside")
struct SetAsideFolderTests {
  @Test("goes under a name that is new each time, and stays where it is while it is empty")
  func names() throws {
    let outer = Scratch(inMemory: true)
    defer { withExtendedLifetime(outer) {} }
    let path = outer.path + "/archive"
    #expect(try SetAsideFolder.move(path) == nil, "there is none")
    for round in 1...3 {
      mkdir(path, 0o700)
      #expect(try SetAsideFolder.move(path) == nil, "it is empty")
      _ = try File(path + "/a", .create)
      #expect(try SetAsideFolder.move(path) == path + ".earlier-\(round)")
      #expect(access(path, F_OK) != 0 && access(path + ".earlier-\(round)/a", F_OK) == 0)
    }
  }
}
