import Desk
import Kernel
import NIOCore
import Protocol
import Testing
import Wire

@Suite("Notices of nodes")
struct NodeNoticeTests {
  static var notice: NodeNotice {
    var notice = NodeNotice()
    notice.appliedIndex = 127
    notice.commitIndex = 128
    notice.version = "0.1"
    notice.uptimeSeconds = 61
    notice.connections = 1000
    notice.ownedSessions = 3
    notice.cpu = 1.5
    notice.loopLagMilliseconds = 0.25
    notice.ackP99Milliseconds = 2
    notice.logBytes = 300
    notice.fsyncP99Milliseconds = 0.5
    notice.snapshotIndex = 5
    notice.diskFreeBytes = 1 << 40
    return notice
  }

  @Test(
    "a receiver of level 2 is told the level, behind all that level 1 knows; what is behind that is passed over"
  )
  func level() throws {
    var notice = Self.notice
    notice.level = .second
    let first = written { notice.encode(into: &$0, for: .first) }
    let second = written { notice.encode(into: &$0, for: .second) }
    #expect(first == written { Self.notice.encode(into: &$0, for: .first) } && second == first + [2, 0, 0])
    var buffer = ByteBuffer(bytes: second + [7, 7])
    #expect(try NodeNotice.decode(&buffer) == notice && buffer.readableBytes == 0)
    // The first notices of level 2 ended with it.
    buffer = ByteBuffer(bytes: first + [2])
    #expect(try NodeNotice.decode(&buffer) == notice)
    // Who says nothing reads level 1.
    buffer = ByteBuffer(bytes: first)
    #expect(try NodeNotice.decode(&buffer).level == .first)
    buffer = ByteBuffer(bytes: first + [0])
    #expect(try NodeNotice.decode(&buffer).level == .first)
  }

  @Test("a shortage of memory is told from level 2 on, beside conditions that this build does not know")
  func memory() throws {
    var notice = Self.notice
    notice.level = .second
    notice.conditions = .memoryShort
    var buffer = ByteBuffer()
    notice.encode(into: &buffer, for: .second)
    let encoded = buffer
    #expect(try NodeNotice.decode(&buffer) == notice)
    buffer = encoded
    buffer.setInteger(UInt8(0x61), at: buffer.writerIndex - 2)
    let more = try NodeNotice.decode(&buffer)
    #expect(more.memoryIsShort && more.conditions.rawValue == 0x61)
    buffer = ByteBuffer(bytes: written { notice.encode(into: &$0, for: .first) })
    #expect(try !NodeNotice.decode(&buffer).memoryIsShort)
  }

  @Test("the identity of a group is told from level 2 on, with members and without")
  func group() throws {
    var notice = Self.notice
    notice.level = .second
    notice.group = 0x1234_5678_9ABC_DEF0
    for members in [0, 1] as [UInt64] {
      notice.membersIndex = members
      notice.members = (0..<members).map { _ in
        MemberAddress(id: 1, name: "node1", peerAddress: "10.0.0.1:9100", clientURL: "http://10.0.0.1:8100")
      }
      var buffer = ByteBuffer(bytes: written { notice.encode(into: &$0, for: .second) } + [9, 9])
      #expect(try NodeNotice.decode(&buffer) == notice && buffer.readableBytes == 0)
      buffer = ByteBuffer(bytes: written { notice.encode(into: &$0, for: .first) })
      #expect(try NodeNotice.decode(&buffer).group == nil)
    }
  }

  @Test("members are told from level 2 on, and an address that cannot be used is passed over")
  func members() throws {
    var notice = Self.notice
    notice.level = .second
    notice.membersIndex = 300
    notice.members = (1...2).map {
      MemberAddress(
        id: $0, name: "node\($0)", peerAddress: "10.0.0.\($0):9100", clientURL: "http://10.0.0.\($0):8100")
    }
    var buffer = ByteBuffer()
    notice.encode(into: &buffer, for: .second)
    #expect(try NodeNotice.decode(&buffer) == notice)
    buffer = ByteBuffer(bytes: written { notice.encode(into: &$0, for: .first) })
    #expect(try NodeNotice.decode(&buffer).members.isEmpty)
    var worse = notice
    worse.members[0].clientURL = "javascript:alert(1)"
    buffer = ByteBuffer(bytes: written { worse.encode(into: &$0, for: .second) })
    #expect(try NodeNotice.decode(&buffer).members == [notice.members[1]])
  }

  @Test("the bytes of a notice, as releases of level 1 take it and nothing longer")
  func golden() throws {
    let encoded = written { Self.notice.encode(into: &$0, for: .first) }
    #expect(
      hex(encoded)
        == hex(
          bytes(
            """
            7F 8001 03 302E31 3D E807 03
            3FF8000000000000 3FD0000000000000 4000000000000000
            AC02 3FE0000000000000 05 808080808020 01 00 00
            """)))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(try NodeNotice.decode(&buffer) == Self.notice)
  }

  @Test("fractions that are no figures are sent as 0", arguments: [Double.nan, .infinity, -1])
  func fractions(value: Double) throws {
    var notice = Self.notice
    notice.cpu = value
    var buffer = ByteBuffer()
    notice.encode(into: &buffer, for: .first)
    #expect(try NodeNotice.decode(&buffer).cpu == 0)
  }

  @Test("a fraction that is not a number is refused")
  func notANumber() {
    var encoded = written { Self.notice.encode(into: &$0, for: .first) }
    encoded.replaceSubrange(11..<19, with: bytes("7FF8000000000000"))
    var buffer = ByteBuffer(bytes: encoded)
    #expect(throws: DecodingFailure.self) { try NodeNotice.decode(&buffer) }
  }
}

@Suite("What nodes hold each other against, in a notice")
struct IntegrityNoticeTests {
  @Test("is read as it was written, with a group and without, and what is behind it is passed over")
  func roundTrip() throws {
    var notice = NodeNotice()
    notice.level = .second
    notice.life = 1 << 61
    notice.start = StorePosition(term: 3, index: 4_000)
    notice.durable = StorePosition(term: 4, index: 5_000)
    notice.address = "node1 h:1 http://h:2"
    notice.heard = [
      HeardStore(
        node: 2, life: 9, before: StorePosition(term: 1, index: 2), now: StorePosition(term: 300, index: 4))
    ]
    notice.digests = [StateDigest(index: 70_000, value: .max), StateDigest(index: 1_024, value: 0)]
    for group in [nil, 7] as [UInt64?] {
      for finding in [nil, OldStoreFinding(life: 5, told: StorePosition(term: 6, index: 7))] {
        notice.group = group
        notice.finding = finding
        // Those of before do not tell the time of day, and pass over what stands there.
        notice.timeOfDay = nil
        let before = written { notice.encode(into: &$0, for: .second) }
        var buffer = ByteBuffer(bytes: before)
        #expect(try NodeNotice.decode(&buffer) == notice)
        notice.timeOfDay = 1_800_000_000_000
        #expect(written { notice.encode(into: &$0, for: .second) }.prefix(before.count) == before[...])
        buffer = ByteBuffer()
        notice.encode(into: &buffer, for: .second)
        buffer.writeBytes([1, 2, 3])
        #expect(try NodeNotice.decode(&buffer) == notice && buffer.readableBytes == 0)
        var first = ByteBuffer()
        notice.encode(into: &first, for: .first)
        #expect(try NodeNotice.decode(&first).life == nil)
      }
    }
  }
}
