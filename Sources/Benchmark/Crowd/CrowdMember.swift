import Certificates
import Desk
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Protocol

/// What a measurement does with what its people hear. Called on the event loop of the crowd.
protocol Play: AnyObject {
  /// Welcomed, for the first time or again. What it followed is being resumed then.
  func ready(_ member: CrowdMember)
  func opened(_ member: CrowdMember, session: String)
  func acknowledged(_ member: CrowdMember, id: String)
  /// What needs no other answer.
  func done(_ member: CrowdMember, id: String)
  func failed(_ member: CrowdMember, id: String, reason: String)
  func heard(_ member: CrowdMember, session: String, body: String)
  /// An agent is given a session.
  func assigned(_ member: CrowdMember, session: String)
  /// The member is to be asked again (`lookAtTheTime`) then, or somewhat later.
  func plan(_ member: CrowdMember, at instant: Instant)
}

/// One person of a crowd of thousands: the client that everybody else uses, too, with a WebSocket, and neither a task nor
/// a timer of its own.
///
/// Unchecked: everything happens on one event loop, which all members and the measurement share.
final class CrowdMember: @unchecked Sendable {
  struct Role: Sendable {
    var token: String
    /// For agents: how many chats they take; nil for customers.
    var capacity: Int?
    /// What customers ask for and agents have: that of the crowd.
    var skill = "bench"
  }

  let number: Int
  let loop: any EventLoop
  private let role: Role
  private let urls: [String]
  private let trust: ClientTrust?
  private unowned let play: any Play

  private var client: ClientConnection
  /// Of a customer, once it is open.
  private(set) var session: String?
  private var channel: (any Channel)?
  /// Why it is not connected, as far as it was told.
  private(set) var trouble: String?
  private var isEnded = false
  private var isConnecting = false
  /// Whether it has said its status; the client says it again on every new connection.
  private var isAnnounced = false
  private var closeCode: Int?
  private var generator: SystemRandomNumberGenerator = .init()
  /// The slot of the crowd's timer wheel in which it stands; `UInt64.max`: in none.
  var slot = UInt64.max

  init(
    number: Int, role: Role, urls: [String], trust: ClientTrust?, first place: Int, loop: any EventLoop,
    play: any Play
  ) {
    self.trust = trust
    self.number = number
    self.role = role
    self.urls = urls
    self.loop = loop
    self.play = play
    client = ClientConnection(
      settings: ClientSettings(
        urls: urls.indices.map { urls[($0 + place) % urls.count] }, discoversNodes: false,
        backoff: Backoff(fastTries: urls.count), receipts: false, patience: .seconds(10),
        maximumPending: .max))
  }

  var isReady: Bool { client.isReady }

  /// Which of the addresses it is at, or tries next.
  var place: Int { urls.firstIndex(of: client.route.current) ?? 0 }

  // MARK: Doing

  func connect() {
    guard !isEnded, channel == nil, !isConnecting else { return }
    isConnecting = true
    if let capacity = role.capacity, !isAnnounced {
      isAnnounced = true
      let skills = [SkillWeight(skill: role.skill)]
      ask(SentFrame(SetStatus(status: .online, skills: skills, capacity: UInt32(capacity)), id: "s"))
    }
    guard let url = try? NodeURL(client.route.current) else { return }
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(2))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: url.host, port: url.port)
      .flatMap { channel in
        // Only then the handlers of HTTP are gone.
        self.upgrade(channel, to: url).map { self.isConnected(channel) }
      }
      .assumeIsolated()
      .whenFailure { error in
        self.trouble = "\(error)"
        self.comeBack()
      }
  }

  func open() { open(id: "o\(number)") }

  func open(id: String) { ask(SentFrame(Open(channel: "chat", skill: role.skill), id: id)) }

  func close(_ session: String, id: String) {
    guard let session = SessionID(text: session) else { return trouble = "there is no session \(session)" }
    ask(SentFrame(Close(session: session), id: id))
  }

  func send(_ body: String, to session: String, id: String) {
    guard let session = SessionID(text: session) else { return trouble = "there is no session \(session)" }
    ask(SentFrame(Send(session: session, body: Array(body.utf8)), id: id))
  }

  /// Closes, and does not come back.
  func end() {
    isEnded = true
    channel?.close(promise: nil)
  }

  /// Does what is due.
  func lookAtTheTime() {
    guard !isEnded else { return }
    take(client.tick(at: .now))
    plan()
  }

  /// Once a second at least, so that nothing has to be planned anew with every request.
  private func plan() { play.plan(self, at: min(client.deadline, .now + .seconds(1))) }

  private func ask(_ frame: SentFrame) {
    do {
      take(try client.submit(frame, deadline: nil, at: .now))
    } catch {
      trouble = "\(error)"
    }
  }

  // MARK: Connections

  private func upgrade(_ channel: any Channel, to url: NodeURL) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      if url.isSecure, let trust {
        try channel.pipeline.syncOperations.addHandler(trust.makeHandler(for: url.host))
      }
      let upgrader = NIOTypedWebSocketClientUpgrader<Void>(maxFrameSize: 1 << 20) { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(CrowdHandler(self))
        }
      }
      var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target)
      head.headers.add(name: "Host", value: url.authority)
      head.headers.add(name: "Sec-WebSocket-Protocol", value: "v2.msg")
      var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(
        upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration<Void>(
          upgradeRequestHead: head, upgraders: [upgrader],
          notUpgradingCompletionHandler: { channel in
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
          }))
      pipeline.leftOverBytesStrategy = .forwardBytes
      return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }.flatMap { $0 }
  }

  private func isConnected(_ channel: any Channel) {
    guard !isEnded, channel.isActive else {
      channel.close(promise: nil)
      return comeBack()
    }
    isConnecting = false
    self.channel = channel
    take(client.connected(token: role.token, at: .now))
    plan()
  }

  /// As the protocol asks for, at the next node and after the wait that the client's state draws.
  private func comeBack() {
    isConnecting = false
    guard !isEnded else { return }
    let (wait, actions) = client.disconnected(
      reason: trouble ?? "the connection ended", closeCode: closeCode, using: &generator)
    closeCode = nil
    take(actions)
    guard let wait else { return }
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(wait.nanoseconds)) { self.connect() }
  }

  fileprivate func isClosed(_ old: any Channel) {
    guard channel === old else { return }
    channel = nil
    comeBack()
  }

  // MARK: Hearing

  func heard(_ frame: WebSocketFrame) {
    // What still comes while TLS says goodbye is for nobody: the measurement is over, and may be gone.
    guard !isEnded else { return }
    client.heard(at: .now)
    switch frame.opcode {
    case .text:
      guard let received = frame.unmaskedData.withUnsafeReadableBytes({ try? ReceivedFrame($0) }) else {
        trouble = "a frame that is not of the protocol"
        return
      }
      take(client.received(received, at: .now))
    case .ping: write(.pong, frame.unmaskedData)
    case .connectionClose:
      var data = frame.unmaskedData
      let code = data.readInteger(as: UInt16.self) ?? 1005
      closeCode = Int(code)
      trouble = "closed with \(code) \(String(buffer: data))"
      channel?.close(promise: nil)
    default: break
    }
  }

  private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    channel?.writeAndFlush(
      WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data), promise: nil)
  }

  private func take(_ actions: [ClientAction]) {
    for action in actions {
      switch action {
      case .transmit(let frame): write(.text, ByteBuffer(bytes: frame.encoded))
      case .ping: write(.ping, ByteBuffer())
      // A measurement is over before its tokens are.
      case .needToken: break
      case .disconnect(let reason):
        trouble = reason
        channel?.close(promise: nil)
      case .resolve(let id, .acknowledged): play.acknowledged(self, id: id)
      case .resolve(_, .opened(let snapshot)):
        session = snapshot.session
        play.opened(self, session: snapshot.session)
      case .resolve(let id, .done): play.done(self, id: id)
      case .resolve(let id, .failed(let error)):
        trouble = error.description
        play.failed(self, id: id, reason: error.description)
      case .resolve: break
      case .emit(.connected): play.ready(self)
      case .emit(.message(let message)): play.heard(self, session: message.session, body: message.body)
      case .emit(.assigned(let session, _, _)) where role.capacity != nil:
        play.assigned(self, session: session)
      case .emit(.retrying(_, _, _, let wait)): play.plan(self, at: .now + .milliseconds(wait))
      case .emit: break
      }
    }
  }
}

/// Between a member and its channel.
private final class CrowdHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame

  private let member: CrowdMember

  init(_ member: CrowdMember) { self.member = member }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { member.heard(unwrapInboundIn(data)) }

  func channelInactive(context: ChannelHandlerContext) { member.isClosed(context.channel) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Instant {
  static var now: Instant { Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }
}
