/// From the bytes of the transport to frames.
extension ServerConnection {
  /// Takes the complete frames at the start of `bytes`, as far as frames are taken now.
  /// - Parameters:
  ///   - bytes: what has come and was not taken yet; only read during the call.
  ///   - addressBudget: the token bucket of the client's address.
  /// - Returns: how many bytes were taken. The rest is to be given again, with what follows it or when
  ///   `takesFrames` has become true.
  package mutating func receive(
    _ bytes: UnsafeRawBufferPointer, now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) -> Int {
    // Moved out, as the machine writes to `output` while it reads this.
    var unmasked = output.unmasked
    output.unmasked = []
    defer { output.unmasked = unmasked }
    var position = 0
    while takesFrames, isListening {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
      guard let (header, size) = FrameHeader.read(rest) else { break }
      if let code = violation(of: header) {
        refuse(code, now: now, into: &output)
        break
      }
      guard rest.count - size >= header.payloadLength else { break }
      let payload = UnsafeRawBufferPointer(rebasing: rest[size..<(size + header.payloadLength)])
      if unmasked.count < payload.count { unmasked = Array(repeating: 0, count: max(payload.count, 4096)) }
      unmasked.withUnsafeMutableBytes { target in
        unmask(payload, into: target, key: header.key)
        receive(
          header, UnsafeRawBufferPointer(rebasing: target[..<payload.count]), now: now,
          addressBudget: &addressBudget, into: &output)
      }
      position += size + header.payloadLength
    }
    return position
  }
}
