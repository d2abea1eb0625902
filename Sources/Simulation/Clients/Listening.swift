import Desk
import Protocol

/// What a client is told on its connection, frame by frame, and what it hears through its state.
extension World {
  /// Looks at a frame as it passes: what a connection is told of a session, and in which order.
  func look(_ sighting: FrameSighting, _ client: Int) {
    switch sighting {
    case .connected: clients[client].hearing = ConnectionHearing()
    case .sent(let frame): clients[client].hearing.sent(frame)
    case .received(let frame):
      tell(
        "word",
        [
          "client": .number(UInt64(client)), "connection": .number(clients[client].link?.number ?? 0),
          "what": .text(Self.words(of: frame)),
        ])
      if let problem = unfit(frame, for: clients[client].person) {
        fail("client \(client) \(problem) (connection \(clients[client].link?.number ?? 0))")
      }
      if let problem = clients[client].hearing.received(frame) {
        fail("client \(client) \(problem) (connection \(clients[client].link?.number ?? 0))")
      }
    }
  }

  private static func words(of frame: ReceivedFrame) -> String {
    let parts = [
      frame.type, frame.kind, frame.session, frame.seq.map { "\($0)" }, frame.id, frame.agent, frame.from,
      frame.code,
      frame.recovered.map { "\($0)" },
    ]
    return parts.compactMap { $0 }.joined(separator: " ")
  }

  /// A client's state tells its user something.
  func told(_ action: ClientAction, _ client: Int) {
    switch action {
    case .resolve(let id, let outcome): answered(outcome, id, client)
    case .emit(.message(let message)):
      // Whatever the connections do: in order, each one once.
      if let problem = clients[client].shown[message.session, default: Shown()].add(message.sequence) {
        fail("client \(client) is shown message \(message.sequence) of \(message.session) \(problem)")
      }
    case .emit(.serverError(let code, let text)) where code == "bad_frame":
      fail("client \(client) said what is not of the protocol: \(text)")
    case .emit, .transmit, .ping, .needToken, .disconnect: break
    }
  }
}
