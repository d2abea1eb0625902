import Desk
package import Kernel

/// What a connection wants done, gathered over one turn of its event loop. Frames come joined and in order, so
/// that a turn costs one write; requests of all connections of the loop stand in one array, so that it costs one
/// submission.
package struct ConnectionOutput {
  /// What is to become of the transport, once `frames` are written.
  package enum Ending: Sendable {
    /// A close frame was sent: go on reading until the client's own comes.
    case awaitingClose
    /// The client broke the protocol: nothing it says counts any more. Close our half, and all when it has.
    case refused
    /// Close when everything is written.
    case finished
    /// Close at once.
    case dropped
  }

  /// Complete WebSocket frames.
  package var frames: FrameBuffer
  package var requests: [ClientRequest] = []
  /// A token to be verified.
  package var token: String?
  package var ending: Ending?
  package var figures = GatewayFigures()
  /// Room for the payload of a frame without its mask, used again and again.
  package var unmasked: [UInt8] = []

  package init(frames: FrameBuffer = FrameBuffer()) { self.frames = frames }
}
