package import Gateway
package import NIOCore
internal import Protocol

/// Who takes over a connection whose handshake is good: the gateway.
package struct WebSocketEntrance: Sendable {
  /// Puts its handlers at the end of the pipeline. Called on the channel's loop, before the handshake is answered.
  /// Gets the token of the handshake, if it had one, and the address of the client.
  /// - Throws: `Failure` when there is no room; the handshake is refused with it.
  package var install: @Sendable (any Channel, String?, String) throws -> Void

  package init(install: @escaping @Sendable (any Channel, String?, String) throws -> Void) {
    self.install = install
  }

  package init(_ gateway: GatewayLoops) {
    self.init { channel, bearer, address in
      do {
        try gateway.install(on: channel, bearer: bearer, address: address)
      } catch let refusal as Admission.Refusal {
        throw refusal.failure
      }
    }
  }
}
