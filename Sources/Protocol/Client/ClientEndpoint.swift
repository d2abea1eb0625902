package import Kernel

/// A client with its end of a byte stream: bytes and time go in, bytes and what is told to the client's people come out.
/// It is `ClientConnection` behind the frames of RFC 6455, for whoever has a stream of bytes instead of a WebSocket
/// library: a simulator, a crowd of clients. Both ends as values can talk without any network.
package struct ClientEndpoint: Sendable {
  package private(set) var connection: ClientConnection
  /// For masks and for the jitter of waits.
  private var generator: SeededGenerator
  private var reader = ServerFrameReader()
  private var isConnected = false
  private var isClosing = false
  private var output = FrameBuffer()
  private var told: [ClientAction] = []
  /// Whether `takeSightings` is to give every frame; for whoever checks what a connection is told in which order.
  package var isWatched = false
  private var sightings: [FrameSighting] = []
  /// The token ends soon; see `renew`.
  private var wantsToken = false
  private var closeCode: Int?
  private var reason: String?

  /// - Parameter seed: another one for each client.
  package init(settings: ClientSettings, seed: UInt64) {
    connection = ClientConnection(settings: settings)
    generator = SeededGenerator(seed: seed)
  }

  /// The URL of the node to which it connects next.
  package var url: String { connection.route.current }

  /// When `tick` is to be called next.
  package var deadline: Instant { connection.deadline }

  /// It wants the stream ended, once what `takeBytes` gives is written; `disconnected` is to be told then.
  package var wantsEnd: Bool { isConnected && isClosing }

  // MARK: The stream

  /// The stream is there, and the upgrade to WebSocket done.
  package mutating func connected(token: String, at now: Instant) {
    reader = ServerFrameReader()
    output.clear()
    isConnected = true
    isClosing = false
    closeCode = nil
    reason = nil
    if isWatched { sightings.append(.connected) }
    take(connection.connected(token: token, at: now))
  }

  /// Bytes of the server, in pieces of any size.
  package mutating func receive(_ bytes: some Sequence<UInt8>, at now: Instant) {
    guard isConnected, !isClosing else { return }
    reader.append(bytes)
    do throws(ServerFrameReader.Violation) {
      while !isClosing, let frame = try reader.next() { receive(frame, at: now) }
    } catch {
      close(error.code, reason: "the node sent what is not of RFC 6455")
    }
  }

  private mutating func receive(_ frame: ServerFrameReader.Frame, at now: Instant) {
    connection.heard(at: now)
    switch frame.opcode {
    case Opcode.text:
      do throws(JSONFault) {
        let frame = try ReceivedFrame(bytes: frame.payload)
        if isWatched { sightings.append(.received(frame)) }
        take(connection.received(frame, at: now))
      } catch {
        told.append(
          .emit(.serverError(code: "bad_frame", message: "the node sent what is not of the protocol")))
      }
    case Opcode.ping: write(Opcode.pong, frame.payload)
    case Opcode.close:
      let code = frame.payload.count >= 2 ? Int(frame.payload[0]) << 8 | Int(frame.payload[1]) : 1005
      closeCode = code
      write(Opcode.close, Array(frame.payload.prefix(2)))
      reason = "the node closed the connection (\(code))"
      isClosing = true
    default: break
    }
  }

  /// The stream has ended, or could not be made.
  /// - Returns: the wait before the next try, or nil when there is to be none.
  package mutating func disconnected(_ why: String = "the connection ended") -> Span? {
    isConnected = false
    let (wait, actions) = connection.disconnected(
      reason: reason ?? why, closeCode: closeCode, using: &generator)
    closeCode = nil
    reason = nil
    take(actions)
    return wait
  }

  // MARK: What the client does

  /// Takes a request; see `ClientConnection.submit`.
  package mutating func submit(
    _ frame: SentFrame, deadline: Instant? = nil, at now: Instant
  ) throws(ClientError) {
    take(try connection.submit(frame, deadline: deadline, at: now))
  }

  /// Whether a new token is to be given with `renew`; told once each time.
  package mutating func takeWantsToken() -> Bool {
    defer { wantsToken = false }
    return wantsToken
  }

  package mutating func renew(token: String, at now: Instant) { take(connection.renew(token: token, at: now)) }

  /// Says what is worth saying now or not at all.
  package mutating func signal(_ frame: SentFrame) { take(connection.signal(frame)) }

  package mutating func tick(at now: Instant) { take(connection.tick(at: now)) }

  /// Says goodbye; nothing more is tried.
  package mutating func finish() {
    take(connection.finish(.shutDown))
    close(.normal, reason: "the connection was shut down")
  }

  /// Leaves its node for another one, as if sent there: what has no answer is said again there.
  /// - Parameter url: the other node's; one that is no node's address leaves the choice to the route.
  package mutating func move(to url: String) {
    connection.route.goaway(to: nil, at: url, afterMilliseconds: 0)
    connection.leaves()
    close(.normal, reason: "the client moves on")
  }

  // MARK: What comes out

  /// The bytes for the server, each given once.
  package mutating func takeBytes() -> [UInt8] {
    defer { output.clear() }
    return output.bytes
  }

  /// Answers (`resolve`) and events (`emit`), in order, each given once.
  package mutating func takeTold() -> [ClientAction] {
    defer { told.removeAll() }
    return told
  }

  /// The frames of its connections, in order, each given once; none unless `isWatched`.
  package mutating func takeSightings() -> [FrameSighting] {
    defer { sightings.removeAll(keepingCapacity: true) }
    return sightings
  }

  private mutating func take(_ actions: [ClientAction]) {
    for action in actions {
      switch action {
      case .transmit(let frame):
        if isWatched, isConnected, !isClosing { sightings.append(.sent(frame)) }
        write(Opcode.text, frame.encoded)
      case .ping: write(Opcode.ping, [])
      case .disconnect(let reason):
        self.reason = reason
        isClosing = true
      case .needToken: wantsToken = true
      case .resolve, .emit: told.append(action)
      }
    }
  }

  private mutating func close(_ code: CloseCode, reason: String) {
    guard isConnected, !isClosing else { return }
    self.reason = reason
    write(Opcode.close, [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xff)])
    isClosing = true
  }

  private mutating func write(_ opcode: UInt8, _ payload: [UInt8]) {
    guard isConnected, !isClosing else { return }
    output.writeMaskedFrame(
      opcode: opcode, payload, key: UInt32(truncatingIfNeeded: generator.next()))
  }
}
