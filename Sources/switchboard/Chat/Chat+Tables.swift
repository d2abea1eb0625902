import Foundation
import SwitchboardClient

/// What `/sessions` and `/who` print.
extension Chat {
  func tellSessions() async throws {
    var lines: [String] = []
    for entry in book.entries {
      let told = try? await directory.session(entry.session, at: node)
      var parts = [book.title(entry.session) + (entry.session == book.current ? " (here)" : "")]
      if let told {
        parts.append(told.state + (told.position.map { $0 > 0 ? " at place \($0)" : "" } ?? ""))
        if let skill = told.skill, !skill.isEmpty { parts.append(skill) }
        if let age = ChatDirectory.age(told.opened_at) { parts.append("open for \(age)") }
        if let count = told.seq { parts.append("\(count) messages") }
      } else if !entry.state.isEmpty {
        parts.append(entry.state)
      }
      if let since = entry.waitingSince {
        let now = Date().timeIntervalSince1970
        let waited = Duration.seconds(now - Double(since) / 1000)
        parts.append("waits for an answer for \(ChatDirectory.words(waited))")
      }
      lines.append(parts.joined(separator: " · "))
    }
    if lines.isEmpty { lines = ["no sessions"] }
    if role != .customer {
      do {
        if let queued = try await directory.queued(at: node) { lines.append("\(queued) in the queue") }
      } catch {
        lines.append(
          "the queue is not known: \((error as? CommandFailure)?.description ?? NodeHTTP.reason(error))")
      }
    }
    note(lines.joined(separator: "\n"))
  }

  func tellWho() async throws {
    guard role != .customer else {
      let session = book.current.flatMap { book[$0] }
      note(session?.name.map { "\($0) is here for you" } ?? "nobody is here for you yet")
      return
    }
    let agents = try await directory.agents(at: node).filter { $0.status != "offline" }
    let lines = agents.map { agent in
      let name = agent.name == agent.id ? agent.id : "\(agent.name) (\(agent.id))"
      let skills = agent.skills.map(\.skill).joined(separator: ", ")
      return "\(name) · \(agent.status) · \(agent.chats.count) of \(agent.capacity) chats"
        + (skills.isEmpty ? "" : " · \(skills)")
    }
    agentNames = agents.map(\.id)
    note(lines.isEmpty ? "no agents are there" : lines.joined(separator: "\n"))
  }
}
