import Desk
import Kernel
import TestFrames

@testable import Protocol

/// A binary frame of the server as the text frame that says the same: made from the declarations, which the text is not.
struct PlainFrame: Equatable {
  var type: String
  var id: String
  var text: String
  var time: UInt64

  init?(_ payload: [UInt8]) {
    guard let header = payload.withUnsafeBytes({ BinaryFrameHeader($0) }),
      header.version == 1, Int(header.length) == payload.count - 14,
      let type = Self.name(header.type)
    else { return nil }
    time = header.timestamp
    var bytes = ByteReader(payload, from: 14)
    id = ""
    if payload.count > 14, payload[14] == 0 {
      guard (try? bytes.readUInt8()) != nil,
        var value = (try? bytes.readBytes(limit: 9999)).map({ ByteReader($0) }),
        let text = try? value.readString(limit: 9999), value.isAtEnd
      else { return nil }
      id = text
    }
    self.type = type
    let record = Array(payload[bytes.offset...])
    if header.type == BinaryFrameType.event.rawValue {
      guard let text = Self.event(record) else { return nil }
      self.text = text
      return
    }
    if let answer = Operations.answers.first(where: { $0.frameType == header.type }) {
      guard let members = Self.members(of: answer, record) else { return nil }
      text = Self.text(type, id, members)
      return
    }
    guard let frame = ServerFrameList.all.first(where: { $0.type.rawValue == header.type }) else {
      guard record.isEmpty else { return nil }
      text = Self.text(type, id, "{}")
      return
    }
    guard let members = Self.members(frame, record) else { return nil }
    text = Self.text(type, id, members)
  }

  private static func name(_ type: UInt8) -> String? {
    BinaryFrameType(rawValue: type)?.name
      ?? Operations.answers.first { $0.frameType == type }.map { "\($0.name)" }
  }

  private static func members<One: AnswerRecord>(of _: One.Type, _ record: [UInt8]) -> String? {
    (try? One.fields.decode(record)).map { One.fields.json(of: $0) }
  }

  private static func members<Frame: ServerFrame>(_: Frame.Type, _ record: [UInt8]) -> String? {
    (try? Frame.fields.decode(record)).map { Frame.fields.json(of: $0) }
  }

  private static func text(_ type: String, _ id: String, _ members: String) -> String {
    let id = id.isEmpty ? "" : #","id":\#(id.quotedJSON)"#
    return #"{"type":"\#(type)"\#(id)"# + (members == "{}" ? "}" : "," + members.dropFirst())
  }

  private static func event(_ record: [UInt8]) -> String? {
    var reader = ByteReader(record)
    var values: [ByteReader] = []
    for number in 1...3 as ClosedRange<UInt64> {
      guard (try? reader.readVarint()) == number, let value = try? reader.readBytes(limit: 9999) else {
        return nil
      }
      values.append(ByteReader(value))
    }
    guard reader.isAtEnd, let session = try? values[0].readVarint(), let kind = try? values[1].readVarint(),
      let type = NewsRecord.all[UInt16(kind)], let fields = try? values[2].readBytes(limit: 9999)
    else { return nil }
    return news(type, session, fields)
  }

  private static func news<News: SessionNews>(_: News.Type, _ session: UInt64, _ fields: [UInt8]) -> String? {
    guard let news = try? News.fields.decode(fields) else { return nil }
    let members = News.fields.json(of: news)
    return #"{"type":"event","session":"\#(session)","kind":"\#(News.name)""#
      + (members == "{}" ? "}" : "," + members.dropFirst())
  }

  /// As a client reads the text.
  var read: ReceivedFrame? { try? ReceivedFrame(text: text) }
  var code: String? { read?.code }
}

extension SeenFrame {
  /// nil: it is no binary frame of the server.
  var plain: PlainFrame? { if case .binary(let payload) = self { PlainFrame(payload) } else { nil } }

  /// Of both forms: the text, or what the binary frame says as text.
  var said: String {
    switch self {
    case .text(let text): text
    case .binary: plain?.text ?? "a binary frame that cannot be read"
    case .ping, .pong, .close: "\(self)"
    }
  }
}
