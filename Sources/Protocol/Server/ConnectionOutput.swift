package import Desk
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

/// One message on its way to several connections: encoded once.
package struct EncodedMessage {
  package let session: SessionID
  package let sequence: Sequence
  /// The complete frame.
  package let frame: FrameBuffer
  private var kept: [UInt8]?

  package init(_ session: SessionID, _ sequence: Sequence, frame: FrameBuffer) {
    self.session = session
    self.sequence = sequence
    self.frame = frame
  }

  /// The payload alone, for the connections that may have to send it again; one copy for all of them.
  mutating func payload() -> [UInt8] {
    if let kept { return kept }
    let payload = frame.withUnsafeBytes { FrameHeader.payload($0) }
    kept = payload
    return payload
  }
}
