import Testing

@testable import Desk

@Suite("An audit is recomputed up to the head of the state")
struct AuditVerificationTests {
  private func links(_ count: Int) -> [AuditLink] {
    var previous = AuditHash(beginningOf: .main)
    return (1...count).map { number in
      let note = AuditNote(Person(id: "kim", role: .admin, name: "Kim"), "erase", .none, in: .main)
      let link = AuditLink(
        AuditEntry(number: UInt64(number), time: UInt64(number), note: note), of: .main, behind: previous)
      previous = link.hash
      return link
    }
  }

  /// - Parameter all: the entries as they were noted; the page has `links`.
  private func page(_ links: [AuditLink], of all: [AuditLink]) -> AuditPage {
    AuditPage(
      entries: links.map(AuditPage.Line.init), previous: links.first?.previous, count: UInt64(all.count),
      head: all[all.count - 1].hash, place: nil, isComplete: true)
  }

  private func fault(_ links: [AuditLink], of all: [AuditLink]) -> AuditVerification.Fault? {
    var verification = AuditVerification(upTo: page(links, of: all))
    return verification.follow(page(links, of: all)) ?? verification.end
  }

  @Test("what is as it was noted fits, from whichever entry on it is kept, in one page or several")
  func fits() {
    let all = links(6)
    #expect(fault(all, of: all) == nil && fault(Array(all[3...]), of: all) == nil)
    var verification = AuditVerification(upTo: page(Array(all[..<2]), of: all))
    #expect(verification.follow(page(Array(all[..<2]), of: all)) == nil && !verification.isAtEnd)
    #expect(verification.end == .init(number: 3, kind: .missing))
    #expect(verification.follow(page(Array(all[2...]), of: all)) == nil && verification.isAtEnd)
  }

  @Test("the first that was changed, taken out, put in or cut off is named")
  func faults() {
    let all = links(6)
    var changed = all
    changed[2].entry.note.actor = "nobody"
    #expect(fault(changed, of: all) == .init(number: 3, kind: .changed))
    // With a hash that is right again the next one does not follow.
    changed[2] = AuditLink(changed[2].entry, of: .main, behind: changed[2].previous)
    #expect(fault(changed, of: all) == .init(number: 4, kind: .changed))
    // And with all of them made anew the head is another one.
    for place in 3..<6 {
      changed[place] = AuditLink(changed[place].entry, of: .main, behind: changed[place - 1].hash)
    }
    #expect(fault(changed, of: all) == .init(number: 6, kind: .foreign))
    #expect(fault(Array(all[..<2] + all[3...]), of: all) == .init(number: 3, kind: .missing))
    #expect(fault(Array(all[..<5]), of: all) == .init(number: 6, kind: .missing))
    #expect(fault([], of: all) == .init(number: 1, kind: .missing))
  }
}
