import Desk
import Kernel
import Protocol

/// The gateway's machine for one client that says anything.
final class FuzzedConnection {
  private var machine: ServerConnection
  private var output = ConnectionOutput()
  private var address: TokenBucket
  private var now: Moment
  private let settings = GatewaySettings()
  private var number: UInt64 = 0
  /// Whether it speaks binary frames.
  private let isBinary: Bool
  /// Whether the last input brought a word to the client, or its end.
  private(set) var wasAnswered = false

  init(isBinary: Bool = false) {
    self.isBinary = isBinary
    now = Moment(instant: Instant(nanoseconds: 1_000_000_000_000), wall: 1_700_000_000_000)
    address = TokenBucket(burst: settings.limits.addressRequestBurst, now: now.instant)
    machine = ServerConnection(
      id: ConnectionID(sink: 0, number: 1), bearer: nil, rules: ConnectionRules(settings), now: now)
  }

  /// - Returns: whether something is asked of the node by it.
  func hear(_ text: [UInt8]) -> Bool {
    // It passes so much time between two inputs that no rate is reached.
    now = Moment(instant: now.instant + .seconds(1), wall: now.wall + 1_000)
    machine.tick(now: now, into: &output)
    if !machine.isOpen { greet() }
    output = ConnectionOutput()
    say(text)
    let isAsked = !output.requests.isEmpty
    wasAnswered = !output.frames.isEmpty || output.ending != nil
    for request in output.requests where request.tag != 0 {
      machine.reply(request.tag, .failed(Failure(.notFound, "no")), now: now, into: &output)
    }
    output = ConnectionOutput()
    return isAsked
  }

  private func greet() {
    number += 1
    machine = ServerConnection(
      id: ConnectionID(sink: 0, number: number), bearer: nil, rules: ConnectionRules(settings), now: now)
    if isBinary {
      let hello = HelloRecord.fields.encode(HelloRecord(token: "t"))
      say(BinaryFrame.bytes(BinaryFrameType.hello.rawValue, id: "", hello, at: 1))
    } else {
      say(Array(#"{"type":"hello","token":"t"}"#.utf8))
    }
    let role = UserRole.allCases[Int(number % 4)]
    machine.decide(
      .accepted(Claims(person: Person(id: "p", role: role, name: "P"), expiresAtMilliseconds: .max)),
      node: "node1", members: [], now: now, into: &output)
    output = ConnectionOutput()
  }

  private func say(_ text: [UInt8]) {
    let header = FrameHeader(
      isFinal: true, reserved: 0, opcode: isBinary ? Opcode.binary : Opcode.text, isMasked: true,
      payloadLength: text.count)
    text.withUnsafeBytes { machine.receive(header, $0, now: now, addressBudget: &address, into: &output) }
  }
}
