import Desk
import Foundation
import Kernel
import Testing

@testable import Protocol

/// What a client says is what is declared, for every operation.
struct SentFrameTests {
  private static func text(_ write: (inout BoundedWriter) -> Void) -> String {
    var buffer = FrameBuffer()
    buffer.append(expected: 256, write)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  @Test("the frames that are written by hand are those of their declarations")
  func hotForms() {
    let seed: UInt64 = 20_261_129
    var random = SeededGenerator(seed: seed)
    for round in 0..<2_000 {
      let about = Comment(rawValue: "seed \(seed), round \(round)")
      let send = Send.fields.sample(&random)
      let id = round % 7 == 0 ? nil : "\"\(round)\u{1}é"
      #expect(
        Self.text { SentFrame(send, id: id).write(to: &$0) }
          == Self.text { SentFrame.write(Send.name, id: id, send, Send.fields, to: &$0) }, about)
      let received = Received.fields.sample(&random)
      #expect(
        Self.text { SentFrame(received).write(to: &$0) }
          == Self.text { SentFrame.write("received", id: nil, received, Received.fields, to: &$0) }, about)
    }
  }

  @Test(
    "every operation is sent, and its answer comes as the value that it declares",
    arguments: 0..<Operations.all.count)
  func everyOperation(_ place: Int) throws {
    func check<One: ClientOperation>(_: One.Type) throws {
      var random = SeededGenerator(seed: 7)
      for round in 0..<50 {
        var state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"]))
        _ = state.connected(token: "t", at: 0)
        _ = state.received(try ReceivedFrame(text: #"{"type":"welcome","node":"node1"}"#), at: 0)
        let frame = SentFrame(One.fields.sample(&random), id: "r\(round)")
        let object = try JSONSerialization.jsonObject(with: Data(frame.encoded)) as? [String: Any]
        #expect(object?["type"] as? String == "\(One.name)" && object?["id"] as? String == "r\(round)")
        // As a node reads it.
        let read = try frame.encoded.withUnsafeBytes { try One.fields.read($0) }
        #expect(SentFrame(read, id: frame.id) == frame)
        guard let answer = One.answer.frame(id: "r\(round)", frame) else {
          #expect(state.signal(frame) == [.transmit(frame)])
          #expect(!(One.self is any AnsweredOperation.Type))
          continue
        }
        #expect(try state.submit(frame, deadline: nil, at: 1) == [.transmit(frame)])
        let told = state.received(try ReceivedFrame(text: answer), at: 2)
        guard case .resolve("r\(round)", let outcome) = told.last else {
          Issue.record("\(One.name): \(told)")
          continue
        }
        #expect(Self.isAnswer(outcome.answer, to: One.self), "\(One.name): \(outcome)")
      }
    }
    try check(Operations.all[place])
  }

  private static func isAnswer<One: ClientOperation>(_ answer: (any Sendable)?, to _: One.Type) -> Bool {
    func isValue<Wanted: AnsweredOperation>(of _: Wanted.Type) -> Bool { answer is Wanted.Answer }
    guard let answered = One.self as? any AnsweredOperation.Type else { return answer is Void }
    return isValue(of: answered)
  }

  @Test("an operation of a session says which version it expects, and a node reads it so")
  func expecting() throws {
    let version = SessionVersion(rawValue: 0x00AB_CDEF_0123_4567)
    let close = Close(session: SessionID(rawValue: 8192), reason: "done")
    let frame = SentFrame(close, id: "c", expecting: version)
    #expect(
      String(decoding: frame.encoded, as: UTF8.self)
        == #"{"type":"close","id":"c","session":"8192","reason":"done","expecting":"00abcdef01234567"}"#)
    #expect(try frame.encoded.withUnsafeBytes { try Expecting.fields.read($0) }.version == version)
    #expect(SentFrame(close, id: "c", expecting: nil) == SentFrame(close, id: "c"))
    // It is kept through reconnections, as all of the frame is.
    var state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"]))
    #expect(try state.submit(frame, deadline: nil, at: 0).isEmpty)
    for now: Instant in [1, 2] {
      _ = state.connected(token: "t", at: now)
      let sent = state.received(try ReceivedFrame(text: #"{"type":"welcome","node":"node1"}"#), at: now)
      #expect(sent.contains(.transmit(frame)))
      var random = SeededGenerator(seed: 1)
      _ = state.disconnected(reason: "gone", closeCode: nil, using: &random)
    }
  }

  @Test(
    "what is meant anyway is not said, so that a node of an earlier release is not asked what it does not know")
  func usualValues() throws {
    let frames = [
      (SentFrame(Open(skill: "tax"), id: "o"), #"{"type":"open","id":"o","skill":"tax"}"#),
      (SentFrame(Sessions(), id: "s"), #"{"type":"sessions","id":"s"}"#),
      (
        SentFrame(
          SetStatus(status: .online, skills: [SkillWeight(skill: "a"), SkillWeight(skill: "b", weight: 1500)]),
          id: nil),
        #"{"type":"status","status":"online","skills":["a",{"skill":"b","weight":1.500}]}"#
      ),
    ]
    for (frame, text) in frames { #expect(String(decoding: frame.encoded, as: UTF8.self) == text) }
  }
}

extension AnswerKind {
  /// Any answer to a query.
  private static func answer<One: ClientOperation>(to _: One, id: String) -> String? {
    func said<Asked: Query>(_: Asked.Type) -> String {
      var random = SeededGenerator(seed: 20_261_131)
      let members = Asked.Answer.fields.json(of: Asked.Answer.fields.sample(&random)).dropFirst()
      return #"{"type":"\#(Asked.Answer.name)","id":"\#(id)""# + (members == "}" ? "" : ",") + members
    }
    return (One.self as? any Query.Type).map { said($0) }
  }

  /// What a node says then; nil: nothing.
  fileprivate func frame(id: String, _ asked: SentFrame) -> String? {
    var session = "7"
    if case .send(let send) = asked.content { session = send.session.text }
    return switch self {
    case .opened: #"{"type":"opened","id":"\#(id)","session":"7","state":"queued","position":1,"agents":[]}"#
    case .joined: #"{"type":"joined","id":"\#(id)","session":"7","state":"active","seq":1}"#
    case .ack: #"{"type":"ack","id":"\#(id)","session":"\#(session)","seq":1,"time":1}"#
    case .ok: #"{"type":"ok","id":"\#(id)"}"#
    case .history: #"{"type":"history","id":"\#(id)","session":"7","messages":[],"more":false}"#
    case .record: asked.operation.flatMap { Self.answer(to: $0, id: id) }
    case .nothing: nil
    }
  }
}
