package import Desk
package import Kernel

/// What a client may ask of one node. Every limit is configuration; 0 turns it off.
package struct GatewayLimits: Hashable, Sendable {
  /// Bytes of one WebSocket message, all its fragments together. Above: error `too_large`; above 64 times as much, or
  /// before the welcome: close 1009.
  package var frameBytes = 64 * 1024
  /// Bytes of a message body as UTF-8. Above: error `too_large`.
  package var bodyBytes = 16 * 1024
  /// Requests a second that one connection may send for good. `received`, pings and pongs cost a tenth.
  package var requestsPerSecond = 20
  /// Requests that it may send at once after a pause.
  package var requestBurst = 40
  /// As `requestsPerSecond`, for all connections of one address.
  package var addressRequestsPerSecond = 200
  package var addressRequestBurst = 400
  /// Client connections of this node. Above: the upgrade is refused.
  package var connections = 20_000
  /// Client connections of one address on this node.
  package var connectionsPerAddress = 256
  /// New client connections a second, and as many at once after a pause: those that another node has lost come over
  /// one after the other. Above: the upgrade is refused.
  package var connectionsPerSecond = 5_000
  /// Sessions that one connection opens, joins and resumes.
  package var sessionsPerConnection = 64
  /// Bytes that wait for a slow reader, and of messages that wait for a receipt. Above: close 4008.
  package var outboundBytes = 1024 * 1024
  /// Requests of a connection that wait for their answer. Above: error `busy`.
  package var openRequests = 256
  /// Characters of a request's or a message's id.
  package var idLength = 64
  /// Bad requests one after the other, before the connection is closed with 4510.
  package var errorsInARow = 10

  package init() {}

  /// Nothing is limited but by memory and by the format, for benchmarks.
  package static var off: GatewayLimits {
    var limits = GatewayLimits()
    limits.frameBytes = 0
    limits.bodyBytes = 0
    limits.requestsPerSecond = 0
    limits.addressRequestsPerSecond = 0
    limits.connections = 0
    limits.connectionsPerAddress = 0
    limits.connectionsPerSecond = 0
    limits.sessionsPerConnection = 0
    limits.outboundBytes = 0
    limits.openRequests = 0
    limits.idLength = 0
    limits.errorsInARow = 0
    return limits
  }
}

/// The periods of a connection, in milliseconds. None may be 0 that does not say so.
package struct GatewayTimes: Hashable, Sendable {
  /// From the upgrade to a verified `hello`.
  package var hello = 10_000
  /// Between two pings of the server.
  package var heartbeat = 15_000
  /// The least wait before a message without receipt is sent again; doubled each time.
  package var resend = 100
  /// How often a message is sent again before the connection is closed.
  package var resendAttempts = 5
  /// How long a client may take to answer a close frame.
  package var close = 2_000
  /// How long before its end a client is told that its token ends; 0: never.
  package var tokenWarning = 60_000
  /// How often a loop looks whose time has come.
  package var tick = 50

  package init() {}
}

package struct GatewaySettings: Sendable {
  package var limits: GatewayLimits
  package var times: GatewayTimes
  package var choices: ClientChoices

  package init(
    limits: GatewayLimits = GatewayLimits(), times: GatewayTimes = GatewayTimes(),
    choices: ClientChoices = ClientChoices()
  ) {
    self.limits = limits
    self.times = times
    self.choices = choices
  }

  /// For one event loop of several, among which the connections of an address are spread evenly: its part of what an
  /// address may ask for, and not less than one connection may.
  package func forOne(of loops: Int) -> GatewaySettings {
    var settings = self
    func part(_ whole: Int, least: Int) -> Int {
      whole == 0 ? 0 : min(whole, max(whole / max(loops, 1), least))
    }
    settings.limits.addressRequestsPerSecond = part(
      limits.addressRequestsPerSecond, least: limits.requestsPerSecond)
    settings.limits.addressRequestBurst = part(limits.addressRequestBurst, least: limits.requestBurst)
    return settings
  }
}

/// The settings as connections share them: one object for all, eight bytes in each.
package final class ConnectionRules: Sendable {
  package let limits: GatewayLimits
  package let times: GatewayTimes
  package let choices: ClientChoices
  /// The most bytes of one frame that is taken, with the limit turned off too: the log takes no larger request.
  package let frameBytes: Int
  /// The most bytes of one message that is passed over and answered with an error; a longer one ends the connection.
  package let passedOverBytes: Int
  private static let mostFrameBytes = 16 << 20
  private static let mostPassedOverBytes = 64 << 20

  package init(_ settings: GatewaySettings) {
    limits = settings.limits
    times = settings.times
    choices = settings.choices
    frameBytes = limits.frameBytes == 0 ? Self.mostFrameBytes : min(limits.frameBytes, Self.mostFrameBytes)
    passedOverBytes = min(64 * frameBytes, Self.mostPassedOverBytes)
  }

  /// What the welcome says of them.
  package var announced: ServerLimits {
    ServerLimits(frameBytes: frameBytes, bodyBytes: limits.bodyBytes == 0 ? nil : limits.bodyBytes)
  }
}

/// A moment as a connection sees it.
package struct Moment: Hashable, Sendable {
  /// Never goes back; for deadlines.
  package var instant: Instant
  /// Milliseconds since 1970; for what people and tokens say.
  package var wall: UInt64

  package init(instant: Instant, wall: UInt64) {
    self.instant = instant
    self.wall = wall
  }
}
