import Desk
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Questions to the archive of a node")
struct ArchiveQuestionTests {
  private func node() throws -> LoneNode {
    var restored = RestoredNode()
    restored.archived = .zero
    return try LoneNode(restored: restored)
  }

  private func question() -> DeskRequest { .query(QueryRequest(Search(q: "refund"), isOfCluster: false)) }

  @Test("go out with the state as it is, and their answers go to whoever has asked, once")
  func answered() throws {
    var node = try node()
    node.ask(question(), tag: 7)
    node.endTurn()
    let asked = try #require(node.questions.first)
    #expect(node.questions.count == 1 && asked.person == .ann && asked.desk == .main)
    let found = Found(hits: [], place: nil, isComplete: true)
    for _ in 0..<2 {
      node.take(.archiveAnswered(number: asked.number, .success(.record(found))))
      node.endTurn()
    }
    let replies = node.clients.replies.filter { if case .answer = $0.reply { true } else { false } }
    #expect(replies.map(\.tag) == [7])
  }

  @Test("of one person wait in a small number, by whatever connections, and others are asked all the same")
  func fair() throws {
    var node = try node()
    for tag in 0..<UInt32(AskedOfArchive.mostOfOne + 1) { node.ask(question(), tag: tag) }
    node.ask(question(), tag: 90, by: Person(id: "ann", role: .customer, name: "Another name"))
    node.endTurn()
    #expect(node.questions.count == AskedOfArchive.mostOfOne)
    #expect(node.clients.failures.map(\.tag) == [UInt32(AskedOfArchive.mostOfOne), 90])
    #expect(node.clients.failures.allSatisfy { $0.failure.code == .busy && $0.failure.isOfAsker })
    node.ask(question(), tag: 91, by: Person(id: "bert", role: .customer, name: ""))
    node.endTurn()
    #expect(node.questions.count == AskedOfArchive.mostOfOne + 1)
    node.take(.archiveAnswered(number: node.questions[0].number, .failure(.noArchive)))
    node.ask(question(), tag: 92)
    node.endTurn()
    #expect(node.questions.count == AskedOfArchive.mostOfOne + 2)
  }

  @Test("have a bound in all, and whoever comes then is told to ask another node")
  func bounded() throws {
    var node = try node()
    for number in 0...AskedOfArchive.most {
      node.ask(question(), tag: UInt32(number), by: Person(id: "c\(number)", role: .customer, name: ""))
    }
    node.endTurn()
    #expect(node.questions.count == AskedOfArchive.most)
    #expect(node.clients.failures.map(\.tag) == [UInt32(AskedOfArchive.most)])
    #expect(node.clients.failures.first?.failure.isOfAsker == false)
  }

  @Test("are refused where there is no archive")
  func none() throws {
    var node = try LoneNode()
    node.ask(question(), tag: 3)
    node.endTurn()
    #expect(node.questions.isEmpty && node.clients.failures.first?.failure == .noArchive)
  }
}
