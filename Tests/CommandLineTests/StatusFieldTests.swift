import Foundation
import Protocol
import Testing

@testable import switchboard

@Suite("What the tools read of a status")
struct StatusFieldTests {
  /// With everything that a node may leave out.
  private static var whole: ClusterStatus {
    var status = ClusterStatus()
    status.leader = "node1"
    status.problems = [.init(code: .noLeader, node: "node1", since: "2026-11-30T00:00:00.000Z", advice: "x")]
    status.change = .init()
    var member = ClusterStatus.Member()
    (member.rttMs, member.lastContactMs, member.matchIndex) = (0.5, 1, 2)
    (member.appliedIndex, member.lag, member.level, member.uptimeS) = (3, 4, 5, 6)
    (member.load, member.storage, member.gossip) = (.init(), .init(), .init())
    var archive = ClusterStatus.Archive()
    archive.keptFrom = "2026-10"
    (member.certificates, member.archive) = ([.init()], archive)
    status.members = [member]
    return status
  }

  @Test("is what is declared: nothing is looked for by a name that no node says")
  func isDeclared() throws {
    let answer = try StatusAnswer(json: Data(Self.whole.json.utf8))
    var (missing, count) = ([String](), 0)
    func look(_ value: Any, _ place: String) {
      let mirror = Mirror(reflecting: value)
      if mirror.displayStyle == .optional {
        guard let inner = mirror.children.first else { return missing.append(place) }
        return look(inner.value, place)
      }
      count += 1
      for child in mirror.children where !(value is String) {
        // Sessions and agents are read as one kind of counts: each has its own of them.
        let isOther =
          ["sessions", "agents"].contains(place) && Mirror(reflecting: child.value).children.isEmpty
        if !isOther { look(child.value, "\(place.isEmpty ? "" : place + ".")\(child.label ?? "")") }
      }
    }
    look(answer, "")
    #expect(missing.isEmpty, "\(missing)")
    #expect(count > 50)
  }
}
