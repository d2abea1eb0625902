import Desk
import Kernel
import NIOCore
import Raft
import Testing
import Wire

@Suite("Raft messages")
struct RaftCodecTests {
  private func message(_ body: Raft.Message.Body) -> Raft.Message {
    Message(from: NodeID(1), to: NodeID(2), term: Term(300), body: body)
  }

  static let meta = SnapshotMeta(
    index: LogIndex(128), term: Term(4), time: 1_000,
    membership: Membership(voters: [NodeID(1), NodeID(2), NodeID(3)], learners: [NodeID(9)]), size: 6,
    checksum: 0x0102_0304)

  /// The golden bytes of a body, behind its kind.
  static let bodies: [(Raft.Message.Body, kind: String, fields: String)] = [
    (
      .voteRequest(VoteRequest(preVote: true, transfer: false, lastIndex: LogIndex(5), lastTerm: Term(4))),
      "01", "01 00 05 04"
    ),
    (.voteReply(VoteReply(preVote: false, granted: true)), "02", "00 01"),
    (
      .append(
        AppendRequest(
          previousIndex: LogIndex(127), previousTerm: Term(2), commit: LogIndex(126),
          entries: [
            Entry(index: LogIndex(128), term: Term(3), time: 1_000, kind: .noop),
            Entry(
              index: LogIndex(129), term: Term(3), time: 1_001, kind: .command, checksum: 0xDEAD_BEEF,
              data: [9, 8, 7]),
          ])),
      "03", "7F 02 7E 02  8001 03 E807 00 00000000 00  8101 03 E907 01 DEADBEEF 03 090807"
    ),
    (
      .append(AppendRequest(previousIndex: .zero, previousTerm: .zero, commit: .zero, entries: [])), "03",
      "00000000"
    ),
    (
      .appendReply(AppendReply(index: LogIndex(7), rejected: true, hintIndex: LogIndex(6), hintTerm: Term(1))),
      "04", "07 01 06 01"
    ),
    (.heartbeat(Heartbeat(commit: LogIndex(16_384), readRound: 3)), "05", "808001 03"),
    (.heartbeatReply(HeartbeatReply(readRound: 3)), "06", "03"),
    (
      .snapshotChunk(SnapshotChunk(meta: meta, offset: 4, data: [0xAA, 0xBB])), "07",
      "8001 04 E807 2D 01 0003 0000000000000001 0000000000000002 0000000000000003 0000 0001 0000000000000009 "
        + "0000 0000 0000 06 01020304 04 02 AABB"
    ),
    (
      .snapshotReply(SnapshotReply(index: LogIndex(128), term: Term(4), offset: 6, installed: true)), "08",
      "8001 04 06 01"
    ),
    (
      .propose([Payload(checksum: 0x0A0B_0C0D, data: [1]), Payload(checksum: 0, data: [])]), "09",
      "02 0A0B0C0D 01 01 00000000 00"
    ),
    (.readIndex(ReadIndexRequest(context: 255)), "0A", "FF01"),
    (.readIndexReply(ReadIndexReply(context: 255, index: LogIndex(1))), "0B", "FF01 01"),
    (.timeoutNow, "0C", ""), (.rejoin, "0D", ""),
    (.rejoinReply(RejoinReply(index: LogIndex(130))), "0E", "8201"),
  ]

  @Test("the bytes of each message", arguments: bodies.indices)
  func golden(index: Int) throws {
    let (body, kind, fields) = Self.bodies[index]
    let encoded = written { RaftCodec.encode([message(body)], group: GroupID(rawValue: 7), into: &$0) }
    // Group 7, one message; then its kind, from 1, to 2, term 300 (AC 02).
    #expect(hex(encoded) == hex(bytes("00000007 01" + kind + "01 02 AC02" + fields)))
    var buffer = ByteBuffer(bytes: encoded)
    let (group, messages, unknown) = try RaftCodec.decode(&buffer)
    #expect(group == GroupID(rawValue: 7))
    #expect(messages == [message(body)] && unknown.isEmpty)
    #expect(buffer.readableBytes == 0)
  }

  @Test("messages of one payload keep their order")
  func order() throws {
    let messages = Self.bodies.map { message($0.0) }
    var buffer = ByteBuffer()
    RaftCodec.encode(messages, group: .main, into: &buffer)
    #expect(try RaftCodec.decode(&buffer).1 == messages)
  }

  @Test("a message of a kind that is not known is passed over alone", arguments: ["0F", "10", "FF"])
  func unknownKind(kind: String) throws {
    let known = "0C 01 02 03"
    for (hex, count) in [
      ("02 \(kind) 01 02 AC02 03 AABBCC \(known)", 1), ("03 \(known) \(kind) 01 02 03 00 \(known)", 2),
      ("02 \(known) \(kind) 01 02 03 01 0C", 1), ("01 \(kind) 01 02 03 00", 0),
    ] {
      var buffer = ByteBuffer(bytes: bytes("00000000 " + hex))
      let (_, messages, unknown) = try RaftCodec.decode(&buffer)
      #expect(messages.count == count && messages.allSatisfy { $0.body == .timeoutNow })
      #expect(unknown == bytes(kind))
    }
  }

  @Test(
    "what no encoder writes is refused",
    arguments: [
      ("no bytes", ""), ("bytes left over", "00000000 01 0C 01 02 03 00"),
      ("more messages than bytes", "00000000 FFFFFFFFFFFFFFFF7F 0C 01 02 03"),
      ("an unknown kind without its length", "00000000 01 0F 01 02 03"),
      ("an unknown kind that is longer than the bytes", "00000000 01 0F 01 02 03 05 AABB"),
      ("a kind that never was", "00000000 01 00 01 02 03"), ("a flag of 2", "00000000 01 02 01 02 03 02 00"),
      ("a gap in the entries", "00000000 01 03 01 02 03 05 01 00 01 07 01 00 01 00000000 00"),
      ("an unknown kind of entry", "00000000 01 03 01 02 03 05 01 00 01 06 01 00 03 00000000 00"),
      (
        "more entries than bytes", "00000000 01 03 01 02 03 05 01 00 FFFFFFFFFFFFFFFF7F 06 01 00 01 00000000 00"
      ),
      ("data beyond the bytes", "00000000 01 03 01 02 03 05 01 00 01 06 01 00 01 00000000 FFFFFFFF0F"),
      ("a term above 2^62", "00000000 01 0C 01 02 FFFFFFFFFFFFFFFF7F"),
      ("a varint longer than it need be", "00000000 01 0C 01 02 8300"),
      (
        "a chunk behind the end of its snapshot",
        "00000000 01 07 01 02 03 8001 04 E807 15 01 0001 0000000000000001 0000 0000 0000 0000 0000 06 "
          + "01020304 05 02 AABB"
      ),
      (
        "a configuration without voters",
        "00000000 01 07 01 02 03 8001 04 E807 0D 01 0000 0000 0000 0000 0000 0000 06 01020304 04 02 AABB"
      ),
    ])
  func refused(what: String, hex: String) {
    var buffer = ByteBuffer(bytes: bytes(hex))
    #expect(throws: DecodingFailure.self, "\(what)") { try RaftCodec.decode(&buffer) }
  }
}
