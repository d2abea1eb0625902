package import NIOCore
package import Protocol
package import Wire

/// The client side of a node: one `GatewayLoop` for each event loop of the server that accepts the connections.
package final class GatewayLoops: Sendable {
  package struct ForeignEventLoop: Error, CustomStringConvertible {
    package var description: String {
      "The channel's event loop is not one of those that the gateway was made for."
    }
  }

  package let loops: [GatewayLoop]
  package let settings: GatewaySettings
  private let byEventLoop: [ObjectIdentifier: GatewayLoop]
  private let admission: Admission

  /// Attaches one sink for each loop to the cluster, and starts their timers.
  /// - Parameter group: the event loops on which the server's channels live.
  package init(
    group: any EventLoopGroup, cluster: any Cluster, verifier: any TokenVerifying,
    settings: GatewaySettings = GatewaySettings(), timeOfDay: WallClock = WallClock()
  ) {
    self.settings = settings
    let admission = Admission(limits: settings.limits, clock: GatewayLoop.clock)
    self.admission = admission
    let eventLoops = Array(group.makeIterator())
    let rules = ConnectionRules(settings.forOne(of: eventLoops.count))
    loops = eventLoops.enumerated().map { index, eventLoop in
      GatewayLoop(
        eventLoop: eventLoop, index: UInt16(index), stride: eventLoops.count, cluster: cluster,
        verifier: verifier, admission: admission, rules: rules, timeOfDay: timeOfDay)
    }
    byEventLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
    for loop in loops { loop.start() }
  }

  /// Whether a client of this address may connect now. From any thread; to be asked before the upgrade.
  package func admits(_ address: String) -> Admission.Refusal? { admission.refusal(for: address) }

  /// Makes a channel, after the upgrade to WebSocket, a connection of the gateway: adds its handler at the end of
  /// the pipeline. Handlers of HTTP must be gone, or take themselves out. To be called on the channel's event loop.
  /// - Parameters:
  ///   - bearer: the token of the request's Authorization header, without `Bearer`; nil when there was none.
  ///   - address: whose limits count; nil: the channel's remote address. (Behind a proxy that is trusted, what it
  ///     says.)
  /// - Throws: `Admission.Refusal`: close the channel; `ForeignEventLoop`; errors of the pipeline.
  package func install(on channel: any Channel, bearer: String?, address: String? = nil) throws {
    guard let loop = byEventLoop[ObjectIdentifier(channel.eventLoop)] else { throw ForeignEventLoop() }
    let handler = try loop.makeHandler(
      bearer: bearer, address: address ?? ClientAddress.group(of: channel.remoteAddress))
    do {
      try channel.pipeline.syncOperations.addHandler(handler)
    } catch {
      loop.discard(handler)
      throw error
    }
  }

  /// Counters of all loops, at most one tick (50 ms) old. From any thread.
  package func figures() -> GatewayFigures {
    var sum = GatewayFigures()
    for loop in loops { sum.add(loop.figures()) }
    return sum
  }

  /// Takes no new connections, sends those it has elsewhere, and returns when the last one is gone: at the latest
  /// after `spreadMilliseconds` and the time of a closing handshake (`GatewayTimes.close`).
  /// - Parameters:
  ///   - reason: told to the clients, for instance "drain".
  ///   - nodes: names of nodes to move to, given out in turn; empty: each client chooses.
  ///   - spreadMilliseconds: each client leaves after a random part of it.
  package func drain(reason: String, nodes: [String], spreadMilliseconds: Int) async throws {
    admission.setDraining(true)
    let ends = loops.map {
      $0.drain(reason: reason, nodes: nodes, spreadMilliseconds: spreadMilliseconds)
    }
    for end in ends { try await end.get() }
  }

  /// Takes connections again after a `drain`.
  package func open() { admission.setDraining(false) }

  /// Stops the timers. After `drain`, before the event loops are shut down.
  package func stop() {
    for loop in loops { loop.stop() }
  }
}
