internal import Protocol

/// What a frame between two nodes carries.
///
/// The numbers are on the wire: one that was ever used keeps its meaning. Gaps are left between the topics.
package enum FrameType: UInt8, Sendable, CaseIterable {
  // The link itself (1-15).
  /// `Hello`: the first frame of the node that dials.
  case hello = 1
  /// `HelloReply`: the first frame of the node that accepts.
  case helloReply = 2
  /// Eight bytes that the receiver sends back in a `pong`.
  case ping = 3
  case pong = 4

  // The group (16 and up).
  /// Messages of a Raft group (`RaftCodec`), but for chunks of snapshots.
  case raft = 16
  /// Commands for the owner of their session (`ForwardCodec`).
  case forward = 17
  /// What the owner answers outside of the log.
  case forwardReply = 18
  /// Chunks of a snapshot (`RaftCodec`), on the bulk lane.
  case chunk = 19
  /// What a node tells about itself once a second (`NodeNotice`).
  case notice = 20
  /// Forwards that the receiver did not take (`ForwardCodec`, refusals).
  case refused = 24
  /// Typing and reading (`SignalCodec`), and who is connected (`AttendanceCodec`).
  case signal = 25
  /// Archives that fill their gaps (`ArchiveCodec`); pages on the bulk lane. From level 6 on.
  case archive = 26
}
