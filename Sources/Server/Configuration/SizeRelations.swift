/// Sizes that meet one another on the way of a message: into a frame, an entry, a segment, and out to readers. Each is
/// allowed on its own; together they may make no sense.
struct SizeRelations {
  private let limits: ServerConfiguration.Limits
  private let segmentBytes: Int
  /// What goes out around a text: ids, names and numbers, escaped.
  private static let envelopeBytes = 4 << 10

  init(_ configuration: ServerConfiguration) {
    limits = configuration.limits
    segmentBytes = configuration.storage.segmentBytes
  }

  /// The longest frame that is taken.
  private var frameBytes: Int { limits.frameBytes == 0 ? 16 << 20 : limits.frameBytes }
  /// The longest text that can be said. In a frame no character is shorter than in the text.
  private var bodyBytes: Int { limits.bodyBytes == 0 ? frameBytes : min(limits.bodyBytes, frameBytes) }
  /// The longest frame that a message is for those who read it: each byte may be written as six, and no more than came in.
  private var messageBytes: Int { min(frameBytes, bodyBytes * 6) + Self.envelopeBytes }

  /// What keeps the node from starting.
  var problems: [(setting: Setting, problem: String)] {
    var problems: [(Setting, String)] = []
    if limits.frameBytes > 0, limits.bodyBytes > limits.frameBytes {
      problems.append(
        (
          SettingCatalog.bodyBytes,
          "is above limits.frame_bytes = \(limits.frameBytes); a text travels inside of a frame"
        ))
    }
    if limits.outboundBytes > 0, limits.outboundBytes < messageBytes {
      problems.append(
        (
          SettingCatalog.outboundBytes,
          "holds no message of limits.body_bytes = \(limits.bodyBytes) in a frame: nobody could read it; "
            + "allowed: \(messageBytes) or more"
        ))
    }
    if limits.sessionBytes > 0, limits.sessionBytes < bodyBytes {
      problems.append(
        (
          SettingCatalog.sessionBytes,
          "holds no message of limits.body_bytes = \(limits.bodyBytes); allowed: \(bodyBytes) or more"
        ))
    }
    if limits.customerBytesPerHour > 0, limits.customerBytesPerHour < bodyBytes {
      problems.append(
        (
          SettingCatalog.customerBytesPerHour,
          "holds no message of limits.body_bytes = \(limits.bodyBytes); allowed: \(bodyBytes) or more"
        ))
    }
    return problems
  }

  /// What works and is probably not meant.
  var warnings: [String] {
    // An entry holds half of the smallest segment, unless a single request is larger.
    guard bodyBytes + Self.envelopeBytes > segmentBytes / 2 else { return [] }
    return [
      "storage.segment_bytes = \(Quantity.bytesText(segmentBytes)) is small for texts of up to "
        + "\(Quantity.bytesText(bodyBytes)): the largest get segments of their own, which are made while they wait; "
        + "lower limits.body_bytes, or raise it to \(Quantity.bytesText(max(1, (bodyBytes * 4) >> 20) << 20))"
    ]
  }
}
