import Desk
package import Kernel
package import NIOCore
package import Raft

/// Messages of one Raft group to one member, many in one payload: `group u32`, `count varint`, the messages.
///
/// A message: `kind u8`, `from varint`, `to varint`, `term varint`, then the fields of its body in the order of
/// their declaration. Positions, terms, times and sizes are varints of at most 2^62, checksums `u32`, flags one
/// byte, byte strings a varint length and the bytes. From kind 15 on the length of these fields stands before them as a
/// varint, so that a node passes over a kind that it does not know, and over no other message.
package enum RaftCodec {
  /// Appends the payload to `buffer`. The bytes of entries, payloads and chunks are copied once, into it.
  package static func encode(_ messages: [Raft.Message], group: GroupID, into buffer: inout ByteBuffer) {
    buffer.writeInteger(group.rawValue)
    buffer.write(varint: UInt64(messages.count))
    for message in messages { buffer.write(message) }
  }

  /// Takes all of `buffer`. The entries of an append are consecutive from `previousIndex` on, which is checked
  /// here so that no log is ever asked to take others. Whether a message is from the node that sent the frame,
  /// and to this one, is for the caller to compare.
  /// - Returns: the messages, and the kinds of those that were passed over: they are of a newer release.
  /// - Throws: `DecodingFailure` for bytes that no `encode` could have made.
  package static func decode(
    _ buffer: inout ByteBuffer
  ) throws(DecodingFailure) -> (GroupID, [Raft.Message], unknown: [UInt8]) {
    let group = GroupID(rawValue: try buffer.takeUInt32())
    let count = try buffer.takeCount(minimumElementSize: 4)
    var messages: [Raft.Message] = []
    messages.reserveCapacity(min(count, 1024))
    var unknown: [UInt8] = []
    for _ in 0..<count {
      if let kind = try buffer.passOverUnknownMessage() {
        unknown.append(kind)
      } else {
        messages.append(try buffer.takeMessage())
      }
    }
    try buffer.expectEnd()
    return (group, messages, unknown)
  }
}

/// The kinds of messages on the wire. One that was ever used keeps its meaning.
enum MessageNumber {
  static let voteRequest: UInt8 = 1
  static let voteReply: UInt8 = 2
  static let append: UInt8 = 3
  static let appendReply: UInt8 = 4
  static let heartbeat: UInt8 = 5
  static let heartbeatReply: UInt8 = 6
  static let snapshotChunk: UInt8 = 7
  static let snapshotReply: UInt8 = 8
  static let propose: UInt8 = 9
  static let readIndex: UInt8 = 10
  static let readIndexReply: UInt8 = 11
  static let timeoutNow: UInt8 = 12
  static let rejoin: UInt8 = 13
  static let rejoinReply: UInt8 = 14
  /// From here on with the length of what stands behind the term.
  static let firstSized: UInt8 = 15
}
