import Desk

/// A message that is longer than `frameBytes`, on its way in. Nothing of it is kept but what names the request.
struct PassedOverMessage {
  /// Bytes that have come or are announced, in all frames of the message.
  var bytes = 0
  /// Of the frame that is coming in: bytes that are still to come.
  var left = 0
  /// Of that frame, in the order of memory, turned so that the next byte meets the first one.
  var key: UInt32 = 0
  var isFinal = false
  private var search = RequestIDSearch()
  /// The first bytes of a binary one.
  private var head: [UInt8]?
  /// Bytes that have been paid for.
  var paid = 0

  init(isBinary: Bool) { if isBinary { head = [] } }

  mutating func read(_ payload: UnsafeRawBufferPointer) {
    guard let known = head?.count else { return search.read(payload) }
    if known < Self.headBytes { head? += payload.prefix(Self.headBytes - known) }
  }

  /// What names the request, as far as it was read.
  mutating func name() -> RequestName {
    if let head { return head.withUnsafeBytes { BinaryClientFrame.name(in: $0) } }
    return search.end() ?? .none
  }

  private static let headBytes = BinaryFrameHeader.byteCount + RequestIDSearch.longest + 8
}

/// A message that is too long is an error of that request: the connection goes on behind it. It costs as much as a
/// request, and a tenth of one for each `frameBytes` that had to be read.
extension ServerConnection {
  /// Bytes of the message that has begun, as far as its frames are there; nil: none has.
  var begunBytes: Int? { extra?.passedOver?.bytes ?? extra?.fragments?.count }

  /// In the midst of the payload of a frame that is passed over.
  var isPassingOver: Bool { extra?.passedOver.map { $0.left > 0 } ?? false }

  /// Whether a frame that is no violation belongs to a message that is too long.
  func isTooLong(_ header: FrameHeader) -> Bool {
    guard !header.isControl else { return false }
    return extra?.passedOver != nil || header.payloadLength > rules.frameBytes - (extra?.fragments?.count ?? 0)
  }

  /// A frame of it begins.
  mutating func beginPassingOver(_ header: FrameHeader) {
    let extra = needExtra()
    let isBinary = extra.fragments == nil ? header.opcode == Opcode.binary : extra.isBinary
    var message = extra.passedOver ?? PassedOverMessage(isBinary: isBinary)
    if let fragments = extra.fragments {
      message.bytes = fragments.count
      fragments.withUnsafeBytes { message.read($0) }
      extra.fragments = nil
    }
    message.bytes += header.payloadLength
    message.left = header.payloadLength
    message.key = header.key
    message.isFinal = header.isFinal
    extra.passedOver = message
  }

  /// Some of its payload.
  /// - Parameter payload: unmasked.
  mutating func passOver(
    _ payload: UnsafeRawBufferPointer, now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) {
    // A client in the midst of a frame cannot answer a ping.
    wasHeard = true
    missedPings = 0
    guard let extra, var message = extra.passedOver else { return }
    // Not copied while it is changed.
    extra.passedOver = nil
    message.left -= payload.count
    if phase == .open { message.read(payload) }
    message.paid += payload.count
    var cost: Int64 = 0
    while message.paid >= rules.frameBytes {
      message.paid -= rules.frameBytes
      cost += TokenBucket.small
    }
    // Each byte meets the byte of the key that stands where it stands.
    let turn = UInt32(payload.count & 3) * 8
    let key = UInt32(littleEndian: message.key)
    message.key = (turn == 0 ? key : key >> turn | key << (32 - turn)).littleEndian
    extra.passedOver = message
    if cost > 0, phase == .open { _ = spend(cost, now: now, addressBudget: &addressBudget, into: &output) }
  }

  /// The payload of one of its frames has come as a whole.
  mutating func endPassingOver(
    now: Moment, addressBudget: inout TokenBucket, into output: inout ConnectionOutput
  ) {
    guard let extra, var message = extra.passedOver else { return }
    guard message.isFinal else {
      // As every piece of a divided message.
      if phase == .open {
        _ = spend(TokenBucket.small, now: now, addressBudget: &addressBudget, into: &output)
      }
      return
    }
    extra.passedOver = nil
    guard phase == .open else { return }
    let name = message.name()
    guard charge(TokenBucket.request, name: name, now: now, addressBudget: &addressBudget, into: &output)
    else { return }
    fault(
      name,
      Failure(
        .tooLarge,
        "The frame has \(message.bytes) bytes; \(rules.frameBytes) are allowed. Nothing of it was taken."),
      now: now, into: &output)
  }
}
