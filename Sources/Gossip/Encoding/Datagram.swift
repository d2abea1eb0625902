/// What one node sends another at once. On the wire: version (a byte), the cluster's check value (8 bytes, big
/// endian), sender, recipient and the sender's incarnation (varints), the kind (a byte) with what belongs to it, and
/// rumours until the end.
struct Datagram: Hashable, Sendable {
  static let version: UInt8 = 1

  enum Body: Hashable, Sendable {
    /// Answer me, with this number.
    case ping(UInt64)
    /// I am here; or, from one who was asked to probe: it is there.
    case ack(UInt64)
    /// From one who was asked to probe: I am here, but have no answer.
    case nack(UInt64)
    /// Probe the target for me, and answer with this number.
    case pingRequest(UInt64, target: MemberID)
    /// Rumours alone.
    case gossip
    /// All that I know of members from `first` through `last`. A question is answered with what is newer; an answer
    /// is not answered.
    case exchange(first: MemberID, last: MemberID, isAnswer: Bool)
  }

  var sender: MemberID
  /// A datagram for a node that no longer has this address is not taken for another's.
  var recipient: MemberID
  /// The sender's own: by it a node that has started again is known from its first datagram on.
  var incarnation: Incarnation
  var body: Body
  var rumours: [Rumour] = []
  /// Rumours of kinds that only newer nodes know. The rest of the datagram is as good as ever.
  var passedOver = 0

  /// The bytes up to where the rumours begin; rumours are encoded by themselves and appended.
  func encodedHead(cluster: ClusterCheck) -> ByteSink {
    var sink = ByteSink()
    sink.byte(Self.version)
    sink.fixed64(cluster.rawValue)
    sink.number(sender.rawValue)
    sink.number(recipient.rawValue)
    sink.number(incarnation.rawValue)
    switch body {
    case .ping(let number):
      sink.byte(1)
      sink.number(number)
    case .ack(let number):
      sink.byte(2)
      sink.number(number)
    case .nack(let number):
      sink.byte(3)
      sink.number(number)
    case .pingRequest(let number, let target):
      sink.byte(4)
      sink.number(number)
      sink.number(target.rawValue)
    case .gossip:
      sink.byte(5)
    case .exchange(let first, let last, let isAnswer):
      sink.byte(isAnswer ? 7 : 6)
      sink.number(first.rawValue)
      sink.number(last.rawValue)
    }
    return sink
  }

  func encoded(cluster: ClusterCheck) -> [UInt8] {
    var sink = encodedHead(cluster: cluster)
    for rumour in rumours { sink.append(rumour.encoded()) }
    return sink.bytes
  }

  /// - Throws: for any bytes that `encoded(cluster:)` does not give, but for rumours of newer kinds.
  static func decode(_ bytes: [UInt8], cluster: ClusterCheck) throws(DatagramError) -> Datagram {
    var cursor = ByteCursor(bytes)
    guard try cursor.byte() == version, try cursor.fixed64() == cluster.rawValue else { throw .foreign }
    var datagram = Datagram(
      sender: try cursor.member(), recipient: try cursor.member(), incarnation: try cursor.incarnation(),
      body: try decodeBody(&cursor))
    while !cursor.isAtEnd {
      if let rumour = try Rumour.decode(&cursor) {
        datagram.rumours.append(rumour)
      } else {
        datagram.passedOver += 1
      }
    }
    return datagram
  }

  private static func decodeBody(_ cursor: inout ByteCursor) throws(DatagramError) -> Body {
    switch try cursor.byte() {
    case 1: return .ping(try cursor.number())
    case 2: return .ack(try cursor.number())
    case 3: return .nack(try cursor.number())
    case 4: return .pingRequest(try cursor.number(), target: try cursor.member())
    case 5: return .gossip
    case let kind where kind == 6 || kind == 7:
      let first = MemberID(try cursor.number())
      let last = MemberID(try cursor.number())
      guard first <= last else { throw .invalid }
      return .exchange(first: first, last: last, isAnswer: kind == 7)
    default: throw .invalid
    }
  }
}
