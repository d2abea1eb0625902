/// Takes the frames of a server out of a stream of bytes that comes in pieces of any size, and puts messages together
/// that come in fragments (RFC 6455, section 5).
package struct ServerFrameReader: Sendable {
  /// A message, or a control frame.
  package struct Frame: Sendable, Hashable {
    package var opcode: UInt8
    package var payload: [UInt8]
  }

  /// The most bytes of one message.
  package static let largestMessage = 1 << 24

  private var bytes: [UInt8] = []
  private var start = 0
  private var fragments: Frame?

  package init() {}

  package mutating func append(_ more: some Sequence<UInt8>) {
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// - Returns: the next whole frame; nil: more bytes are needed.
  /// - Throws: the code with which the connection is to be closed; nothing more can be read then.
  package mutating func next() throws(Violation) -> Frame? {
    while true {
      let header = bytes.withUnsafeBytes { FrameHeader.read(UnsafeRawBufferPointer(rebasing: $0[start...])) }
      guard let (header, size) = header else { return nil }
      try judge(header)
      guard bytes.count - start - size >= header.payloadLength else { return nil }
      let payload = Array(bytes[start + size..<start + size + header.payloadLength])
      start += size + header.payloadLength
      if header.isControl { return Frame(opcode: header.opcode, payload: payload) }
      var frame = fragments ?? Frame(opcode: header.opcode, payload: [])
      frame.payload += payload
      fragments = header.isFinal ? nil : frame
      if header.isFinal { return frame }
    }
  }

  package struct Violation: Error, Hashable, Sendable {
    package var code: CloseCode
  }

  private func judge(_ header: FrameHeader) throws(Violation) {
    let isKnown = [Opcode.continuation, Opcode.text, Opcode.binary, Opcode.close, Opcode.ping, Opcode.pong]
      .contains(header.opcode)
    if header.isMasked || header.reserved != 0 || !header.isMinimal || !isKnown {
      throw Violation(code: .protocolError)
    }
    if header.isControl {
      if !header.isFinal || header.payloadLength > 125 { throw Violation(code: .protocolError) }
      return
    }
    if (header.opcode == Opcode.continuation) != (fragments != nil) { throw Violation(code: .protocolError) }
    if header.payloadLength > Self.largestMessage - (fragments?.payload.count ?? 0) {
      throw Violation(code: .tooBig)
    }
  }
}
