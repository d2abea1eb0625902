/// Many requests at once that are as large as a client's can be, from several connections, so that whatever gathers
/// them meets its bounds.
struct LargeOpens: Sendable {
  private static let connections = 6
  /// Of each connection, all at once.
  private static let opens = 24
  private static let sends = 2
  /// How long all of it may take, in seconds.
  private static let patience = 60.0

  /// As many bytes of names and values as a session may have (protocol.md): names of 128 bytes, values of 4,096 bytes of
  /// JSON, 16,384 in all.
  static let attributes: [String: String] = {
    let names = (1...4).map { String(repeating: "n", count: 127) + "\($0)" }
    let lengths = [4096, 4096, 4096, 16_384 - 3 * 4096 - 4 * 128]
    return Dictionary(
      uniqueKeysWithValues: zip(names, lengths.map { String(repeating: "v", count: $0 - 2) }))
  }()

  /// `limits.body_bytes` as it is by default.
  static let body = String(repeating: "b", count: 16 << 10)

  let visitors: Visitors

  func run() async throws -> [Violation] {
    let skill = visitors.skill
    let isDone = try await visitors.run(Self.connections, within: Self.patience) { person in
      await withTaskGroup(of: Void.self) { tasks in
        for number in 1...Self.opens {
          tasks.addTask {
            let id = "\(person.process)-\(number)"
            let session = await person.open(
              id, skill: skill, intent: String(repeating: "i", count: 64), attributes: Self.attributes)
            guard let session else { return }
            for message in 1...Self.sends {
              let said = "\(id)-\(message)"
              _ = await person.say(said + Self.body.dropFirst(said.utf8.count), in: session, id: said)
            }
            await person.close(session)
          }
        }
      }
    }
    if isDone { return [] }
    return [
      Violation("no answer", "large-opens: not every large request has an answer after \(Int(Self.patience)) s")
    ]
  }
}
