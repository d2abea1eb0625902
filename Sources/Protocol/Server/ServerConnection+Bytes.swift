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
      if isPassingOver {
        guard !rest.isEmpty else { break }
        position += passOver(rest, &unmasked, now: now, addressBudget: &addressBudget, into: &output)
        continue
      }
      guard let (header, size) = FrameHeader.read(rest) else { break }
      if let code = violation(of: header) {
        refuse(code, now: now, into: &output)
        break
      }
      if isTooLong(header) {
        output.figures.framesIn += 1
        beginPassingOver(header)
        position += size
        if header.payloadLength == 0 {
          endPassingOver(now: now, addressBudget: &addressBudget, into: &output)
        }
        continue
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

  /// Takes what is there of a payload that nobody keeps.
  private mutating func passOver(
    _ rest: UnsafeRawBufferPointer, _ unmasked: inout [UInt8], now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) -> Int {
    guard let message = extra?.passedOver else { return 0 }
    let count = min(message.left, rest.count, 64 * 1024)
    output.figures.bytesIn += UInt64(count)
    if unmasked.count < count { unmasked = Array(repeating: 0, count: max(count, 4096)) }
    unmasked.withUnsafeMutableBytes { target in
      unmask(UnsafeRawBufferPointer(rebasing: rest[..<count]), into: target, key: message.key)
      passOver(
        UnsafeRawBufferPointer(rebasing: target[..<count]), now: now, addressBudget: &addressBudget,
        into: &output)
    }
    if count == message.left { endPassingOver(now: now, addressBudget: &addressBudget, into: &output) }
    return count
  }
}
