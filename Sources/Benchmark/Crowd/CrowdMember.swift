import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// What a measurement does with what its people hear. Called on the event loop of the crowd.
protocol Play: AnyObject {
  /// Welcomed, for the first time or again. What it followed is being resumed then.
  func ready(_ member: CrowdMember)
  func opened(_ member: CrowdMember, session: String)
  func acknowledged(_ member: CrowdMember, id: String)
  func heard(_ member: CrowdMember, session: String, body: String)
  /// An agent is given a session.
  func assigned(_ member: CrowdMember, session: String)
}

/// One person of a crowd of thousands: a WebSocket, and as little else as it takes to keep to the protocol. It comes back
/// by itself, at the next node and with the waits that the protocol asks for, resumes what it follows, and says again
/// what was not acknowledged.
///
/// Unchecked: everything happens on one event loop, which all members and the measurement share.
final class CrowdMember: @unchecked Sendable {
  struct Role: Sendable {
    var token: String
    /// For agents: how many chats they take; nil for customers.
    var capacity: Int?
  }

  let number: Int
  let loop: any EventLoop
  private let role: Role
  private let addresses: [(host: String, port: Int)]
  private unowned let play: any Play

  /// Which of the addresses it is at, or tries next.
  private(set) var place: Int
  private(set) var isReady = false
  /// Of a customer, once it is open.
  private(set) var session: String?
  private var channel: (any Channel)?
  private var tries = 0
  /// Why it is not connected, as far as it was told.
  private(set) var trouble: String?
  private var isEnded = false
  /// The last sequence of each session that it follows.
  private var seen: [String: UInt64] = [:]
  /// Not acknowledged yet, by id, in their order.
  private var unanswered: [(id: String, frame: String)] = []
  private var generator: SystemRandomNumberGenerator = .init()

  init(
    number: Int, role: Role, addresses: [(host: String, port: Int)], first place: Int, loop: any EventLoop,
    play: any Play
  ) {
    self.number = number
    self.role = role
    self.addresses = addresses
    self.place = place % addresses.count
    self.loop = loop
    self.play = play
  }

  // MARK: Doing

  func connect() {
    guard !isEnded else { return }
    let address = addresses[place]
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(2))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: address.host, port: address.port)
      .flatMap { channel in
        // Only then the handlers of HTTP are gone.
        self.upgrade(channel, host: "\(address.host):\(address.port)").map { self.isConnected(channel) }
      }
      .assumeIsolated()
      .whenFailure { error in
        self.trouble = "\(error)"
        self.comeBack()
      }
  }

  func open() {
    ask(id: "o\(number)") { #"{"type":"open","id":"\#($0)","channel":"chat","skill":"bench"}"# }
  }

  func send(_ body: String, to session: String, id: String) {
    ask(id: id) { #"{"type":"send","id":"\#($0)","session":"\#(session)","body":"\#(body)"}"# }
  }

  /// Closes, and does not come back.
  func end() {
    isEnded = true
    channel?.close(promise: nil)
  }

  private func ask(id: String, _ frame: (String) -> String) {
    let frame = frame(id)
    unanswered.append((id, frame))
    if isReady { write(frame) }
  }

  private func write(_ text: String) {
    guard let channel else { return }
    let data = channel.allocator.buffer(string: text)
    channel.writeAndFlush(
      WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: data), promise: nil)
  }

  // MARK: Connections

  private func upgrade(_ channel: any Channel, host: String) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let upgrader = NIOTypedWebSocketClientUpgrader<Void>(maxFrameSize: 1 << 20) { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(CrowdHandler(self))
        }
      }
      var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/v1/connect")
      head.headers.add(name: "Host", value: host)
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
    guard !isEnded else { return channel.close(promise: nil) }
    self.channel = channel
    let resume = seen.keys.sorted().map { #"{"session":"\#($0)","after":\#(seen[$0] ?? 0)}"# }
    write(
      #"{"type":"hello","token":"\#(role.token)","receipts":false,"resume":[\#(resume.joined(separator: ","))]}"#
    )
  }

  /// As the protocol asks for: the first tries soon, one for each node, then 1, 2, 4 ... 30 s, each with full jitter.
  private func comeBack() {
    guard !isEnded else { return }
    place = (place + 1) % addresses.count
    let longest = tries < addresses.count ? 0.1 : min(30, Double(1 << min(tries - addresses.count, 5)))
    tries += 1
    let wait = Double.random(in: 0...longest, using: &generator)
    loop.assumeIsolated().scheduleTask(in: .microseconds(Int64(wait * 1e6))) { self.connect() }
  }

  fileprivate func isClosed(_ old: any Channel) {
    guard channel === old else { return }
    channel = nil
    isReady = false
    comeBack()
  }

  // MARK: Hearing

  fileprivate func heard(_ frame: WebSocketFrame) {
    switch frame.opcode {
    case .text: heard(FrameFields(frame.unmaskedData))
    case .ping:
      channel?.writeAndFlush(
        WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData), promise: nil)
    case .connectionClose:
      var data = frame.unmaskedData
      let code = data.readInteger(as: UInt16.self) ?? 1005
      trouble = "closed with \(code) \(String(buffer: data))"
      channel?.close(promise: nil)
    default: break
    }
  }

  private func heard(_ frame: FrameFields) {
    switch frame.text("type") {
    case "ack":
      guard let id = answered(frame), let session = frame.text("session") else { return }
      see(session, frame.number("seq"))
      play.acknowledged(self, id: id)
    case "message":
      guard let session = frame.text("session") else { return }
      see(session, frame.number("seq"))
      play.heard(self, session: session, body: frame.text("body") ?? "")
    case "opened":
      guard answered(frame) != nil, let session = frame.text("session") else { return }
      self.session = session
      see(session, 0)
      play.opened(self, session: session)
    case "welcome":
      isReady = true
      tries = 0
      if let capacity = role.capacity {
        write(
          #"{"type":"status","id":"s","status":"online","skills":["bench"],"capacity":\#(capacity)}"#)
      }
      for request in unanswered { write(request.frame) }
      play.ready(self)
    case "event" where frame.text("kind") == "assigned" && role.capacity != nil:
      guard let session = frame.text("session") else { return }
      see(session, 0)
      play.assigned(self, session: session)
    case "error":
      // Busy for a moment, or something to do again: with the same id.
      guard let id = frame.text("id") else { return }
      let wait = Int64(frame.number("retry_after_ms") ?? 50)
      loop.assumeIsolated().scheduleTask(in: .milliseconds(wait)) {
        guard self.isReady, let request = self.unanswered.first(where: { $0.id == id }) else { return }
        self.write(request.frame)
      }
    default: break
    }
  }

  private func answered(_ frame: FrameFields) -> String? {
    guard let id = frame.text("id"), let place = unanswered.firstIndex(where: { $0.id == id }) else {
      return nil
    }
    unanswered.remove(at: place)
    return id
  }

  private func see(_ session: String, _ sequence: UInt64?) {
    seen[session] = max(seen[session] ?? 0, sequence ?? 0)
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
