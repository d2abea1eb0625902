package import Desk
package import Kernel

/// Binary frames of the server, each a WebSocket message of its own.
extension FrameBuffer {
  /// - Parameters:
  ///   - id: of the request that is answered; empty: it had none.
  ///   - time: the node's clock, in ms since 1970.
  package mutating func writeBinary<One: ServerFrame>(_ frame: One, id: String = "", at time: UInt64) {
    writeBinary(One.type, id: id, One.fields.encode(frame), at: time)
  }

  /// The answer to a query.
  package mutating func writeBinary(answer: some AnswerRecord, id: String, at time: UInt64) {
    func write<One: AnswerRecord>(_ record: One) {
      let payload = BinaryFrame.bytes(One.frameType, id: id, One.fields.encode(record), at: time)
      payload.withUnsafeBytes { writeFrame(opcode: Opcode.binary, $0) }
    }
    write(answer)
  }

  /// - Parameter record: its fields from 1 on.
  package mutating func writeBinary(
    _ type: BinaryFrameType, id: String = "", _ record: [UInt8] = [], at time: UInt64
  ) {
    let payload = BinaryFrame.bytes(type.rawValue, id: id, record, at: time)
    payload.withUnsafeBytes { writeFrame(opcode: Opcode.binary, $0) }
  }

  package mutating func writeBinaryEvent(_ session: SessionID, _ event: SessionEvent, at time: UInt64) {
    let news = event.record
    var record = ByteWriter()
    record.writeVarint(1)
    var value = ByteWriter()
    value.writeVarint(session.rawValue)
    record.write(bytes: value.bytes)
    record.writeVarint(2)
    value = ByteWriter()
    value.writeVarint(UInt64(news.number))
    record.write(bytes: value.bytes)
    record.writeVarint(3)
    value = ByteWriter()
    value.write(bytes: news.fields)
    record.write(bytes: value.bytes)
    writeBinary(.event, record.bytes, at: time)
  }

  /// A message again, with the mark that it was sent before.
  /// - Parameter payload: as `writeBinary` wrote it for a `MessageFrame`.
  mutating func writeBinaryResent(_ payload: [UInt8]) {
    var payload = payload + MessageFrame.resent
    let length = UInt32(truncatingIfNeeded: payload.count - BinaryFrameHeader.byteCount)
    for place in 0..<4 { payload[place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place)) }
    payload.withUnsafeBytes { writeFrame(opcode: Opcode.binary, $0) }
  }
}

package enum BinaryFrame {
  /// A frame as bytes, of either side.
  /// - Parameter record: its fields from 1 on.
  package static func bytes(_ type: UInt8, id: String, _ record: [UInt8], at time: UInt64) -> [UInt8] {
    var payload = ByteWriter(reservingCapacity: id.utf8.count + record.count + 32)
    payload.write(0 as UInt32)
    payload.write(BinaryFrameHeader.currentVersion)
    payload.write(type)
    payload.write(time)
    if !id.isEmpty {
      var value = ByteWriter(reservingCapacity: id.utf8.count + 2)
      value.write(string: id)
      payload.writeVarint(0)
      payload.write(bytes: value.bytes)
    }
    payload.write(raw: record)
    let length = UInt32(truncatingIfNeeded: payload.bytes.count - BinaryFrameHeader.byteCount)
    for place in 0..<4 { payload.bytes[place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place)) }
    return payload.bytes
  }
}

extension SessionEvent {
  /// As it is declared.
  package var record: NewsRecord {
    switch self {
    case .queued(let position, let eta, let range):
      NewsRecord(Queued(position: position, eta: eta, range: range))
    case .assigned(let agent, let name): NewsRecord(Assigned(agent: agent.rawValue, shown: name))
    case .transferred(let from, .agent(let agent)):
      NewsRecord(Transferred(from: from?.rawValue, to: agent.rawValue, skill: nil))
    case .transferred(let from, .skill(let skill)):
      NewsRecord(Transferred(from: from?.rawValue, to: nil, skill: skill))
    case .closed(let by, let reason): NewsRecord(Closed(by: by, reason: reason))
    case .typing(let by, let name, let isOn): NewsRecord(TypingTold(by: by, shown: name, on: isOn))
    case .read(let by, let sequence): NewsRecord(ReadTold(by: by, seq: sequence))
    case .presence(let person, let isOnline):
      NewsRecord(PresenceTold(user: person.id, shown: person.name, role: person.role, online: isOnline))
    case .news(let news): news
    }
  }
}
