import Desk
import Protocol

/// The agents that are connected to this node. The state machine has them too; this is what the node itself
/// knows, so that it can take presences back and put them in again.
struct AgentConnections {
  /// By the connection's number, which no two connections of one life of the node share, whatever loop serves them.
  private var commands: [UInt64: (connection: ConnectionID, command: SetAgentStatus)] = [:]
  /// Without a tag: nobody has asked, so nobody is answered.
  private var waiting: [(ConnectionID, UInt32?, Command)] = []
  /// Set once the presences of this node's previous life are out of the state: only then new ones go in.
  private(set) var isAnnounced = false
  private(set) var isAnnouncing = false

  mutating func keep(_ command: SetAgentStatus, connection: ConnectionID) {
    commands[connection.number] = (connection, command)
  }

  mutating func beginAnnouncing() { isAnnouncing = true }

  mutating func wait(_ connection: ConnectionID, _ tag: UInt32?, _ command: Command) {
    waiting.append((connection, tag, command))
  }

  /// - Returns: the agent who was present on the connection.
  mutating func remove(_ connection: ConnectionID) -> AgentOfDesk? {
    waiting.removeAll { $0.0 == connection }
    guard commands[connection.number]?.connection == connection else { return nil }
    return commands.removeValue(forKey: connection.number).map {
      AgentOfDesk($0.command.desk, $0.command.agent)
    }
  }

  /// - Returns: what waited for the announcement.
  mutating func announced() -> [(ConnectionID, UInt32?, Command)] {
    isAnnounced = true
    let all = waiting
    waiting = []
    return all
  }

  /// The connection with this number, on whichever gateway loop: numbers are never used twice while the process lives.
  func connection(_ number: UInt64) -> ConnectionID? { commands[number]?.connection }

  /// All of them, in the order of their connections.
  var all: [(ConnectionID, SetAgentStatus)] {
    commands.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// Two desks may have agents of the same name.
struct AgentOfDesk: Hashable {
  var desk: DeskNumber
  var id: AgentID
  init(_ desk: DeskNumber, _ id: AgentID) { (self.desk, self.id) = (desk, id) }
}

extension Node {
  /// Once per life of this process: presences of the life before are gone.
  mutating func announceStart() {
    guard !agentConnections.isAnnounced, !agentConnections.isAnnouncing else { return }
    if has(.startUnannounced) {
      _ = agentConnections.announced()
      return
    }
    agentConnections.beginAnnouncing()
    enterAnnouncement()
  }

  private mutating func enterAnnouncement() {
    enter(.endPresences(EndPresences(server: server, items: nil, bounds: bounds)), for: nil)
  }

  mutating func announcementWasAnswered(_ answer: Answer) {
    if answer == .refused(.earlierLife) {
      // A clock that was set back over a rebuild: the numbers of this life have to be above those of the last.
      pending.goOn(after: state.life(of: server) ?? 0)
      return enterAnnouncement()
    }
    // Many go in parts; each part has a number of its own.
    guard state.presentCount(on: server) == 0 else { return enterAnnouncement() }
    for (connection, tag, command) in agentConnections.announced() {
      enter(command, for: tag == nil ? nil : connection, tag: tag ?? 0)
    }
  }

  /// The others took this node for lost while it was not: those of its agents who are missing are still here.
  mutating func restorePresences() {
    guard agentConnections.isAnnounced else { return }
    for (_, command) in agentConnections.all where command.status != .offline {
      guard state.agent(command.agent, in: command.desk)?.presences.contains(command.presence) != true else {
        continue
      }
      enter(.setStatus(command), for: nil)
    }
  }
}

extension Node {
  /// An operation of a desk. What an agent says on a connection that stays makes it present there.
  mutating func arrange(_ record: DeskRecord, stays: Bool, in number: DeskNumber, for request: ClientRequest) {
    let connection = request.connection
    let isOffline = record.opened(as: SetStatus.self)?.status == .offline
    let envelope = DeskEnvelope(
      record, by: request.person, in: number,
      presence: stays ? Presence(server: server, connection: connection.number) : nil,
      grace: isOffline ? bounds.grace : nil)
    guard let status = envelope.agentStatus else {
      return enter(.arrange(envelope), for: connection, tag: request.tag)
    }
    agentConnections.keep(status, connection: connection)
    // In the form that every member reads.
    let command = state.level >= record.since ? Command.arrange(envelope) : .setStatus(status)
    guard agentConnections.isAnnounced else { return agentConnections.wait(connection, request.tag, command) }
    enter(command, for: connection, tag: request.tag)
  }
}
