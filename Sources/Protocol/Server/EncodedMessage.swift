package import Desk
package import Kernel

/// What goes to several connections, as complete frames: encoded once for each form that anybody of them speaks.
struct EncodedForms {
  var text: FrameBuffer
  var binary = FrameBuffer()

  init(room: FrameBuffer) { text = room }

  /// - Parameters:
  ///   - writeText: called when the first one needs it; never writes nothing.
  mutating func append(
    isBinary: Bool, to frames: inout FrameBuffer, _ writeText: (inout FrameBuffer) -> Void,
    _ writeBinary: (inout FrameBuffer) -> Void
  ) {
    if isBinary {
      if binary.isEmpty { writeBinary(&binary) }
      frames.append(binary)
    } else {
      if text.isEmpty { writeText(&text) }
      frames.append(text)
    }
  }
}

/// One message on its way to several connections.
package struct EncodedMessage {
  package let session: SessionID
  package let message: Transcribed
  /// The node's clock, in ms since 1970.
  private let time: UInt64
  private var forms: EncodedForms
  private var keptText: [UInt8]?
  private var keptBinary: [UInt8]?

  /// - Parameter room: empty; memory for the text.
  package init(_ session: SessionID, _ message: Transcribed, at time: UInt64, room: FrameBuffer = FrameBuffer())
  {
    (self.session, self.message, self.time) = (session, message, time)
    forms = EncodedForms(room: room)
  }

  /// To be used again when it has gone to all.
  package var room: FrameBuffer { forms.text }

  mutating func append(isBinary: Bool, to frames: inout FrameBuffer) {
    forms.append(isBinary: isBinary, to: &frames) {
      $0.writeMessage(session, message)
    } _: {
      $0.writeBinary(MessageFrame(session: session, message: message), at: time)
    }
  }

  /// The payload alone, for the connections that may have to send it again; one copy for all of a form. To be asked for behind
  /// `append`.
  mutating func payload(isBinary: Bool) -> [UInt8] {
    if let kept = isBinary ? keptBinary : keptText { return kept }
    let payload = (isBinary ? forms.binary : forms.text).withUnsafeBytes { FrameHeader.payload($0) }
    if isBinary { keptBinary = payload } else { keptText = payload }
    return payload
  }
}

/// One event on its way to whoever follows its session.
package struct EncodedEvent {
  package let session: SessionID
  package let event: SessionEvent
  /// The node's clock, in ms since 1970.
  private let time: UInt64
  private var forms: EncodedForms

  /// - Parameter room: empty; memory for the text.
  package init(_ session: SessionID, _ event: SessionEvent, at time: UInt64, room: FrameBuffer = FrameBuffer())
  {
    (self.session, self.event, self.time) = (session, event, time)
    forms = EncodedForms(room: room)
  }

  /// To be used again when it has gone to all.
  package var room: FrameBuffer { forms.text }

  mutating func append(isBinary: Bool, to frames: inout FrameBuffer) {
    forms.append(isBinary: isBinary, to: &frames) {
      $0.writeEvent(session, event)
    } _: {
      $0.writeBinaryEvent(session, event, at: time)
    }
  }
}
