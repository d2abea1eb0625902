import Desk
import Kernel
import TestFrames
import Testing

@testable import Protocol

@Suite("Events that are declared")
struct DeclaredEventTests {
  @Test("each is heard by a client as the state machine told it")
  func roundTrip() throws {
    #expect(!NewsRecord.all.isEmpty)
    for (_, type) in NewsRecord.all.sorted(by: { $0.key < $1.key }) { try Self.check(type) }
  }

  private static func check<News: SessionNews>(_: News.Type) throws {
    // What has a case of `ClientEvent` is handed on as that.
    if Events.ofSessions.contains(where: { $0.number == News.number }) { return }
    let seed: UInt64 = 20_261_129
    var random = SeededGenerator(seed: seed)
    for round in 0..<100 {
      let news = News.fields.sample(&random)
      var frames = FrameBuffer()
      frames.writeEvent(SessionID(rawValue: 7), .news(NewsRecord(news)))
      guard case .text(let text)? = seenFrames(frames.bytes).first else {
        Issue.record("no frame")
        return
      }
      let frame = try ReceivedFrame(text: text)
      #expect(frame.type == "event" && frame.session == "7" && frame.kind == "\(News.name)")
      let heard = try #require(frame.event?.opened(as: News.self), "seed \(seed), round \(round)")
      #expect(News.fields.encode(heard) == News.fields.encode(news) && frame.event?.json == text)
    }
  }

  @Test("their frames are those that clients have always had")
  func frames() throws {
    let (kim, session) = (Person(id: "k", role: .agent, name: "K\""), SessionID(rawValue: 7))
    let events: [(SessionEvent, String)] = [
      (.queued(position: 2, etaMilliseconds: 0), #""kind":"queued","position":2,"eta_ms":0"#),
      (.assigned(AgentID("k"), name: "K"), #""kind":"assigned","agent":"k","name":"K""#),
      (
        .transferred(from: AgentID("k"), to: .agent(AgentID("b"))), #""kind":"transferred","from":"k","to":"b""#
      ),
      (.transferred(from: nil, to: .skill("税")), #""kind":"transferred","skill":"税""#),
      (.closed(by: "k", reason: ""), #""kind":"closed","by":"k","reason":"""#),
      (.typing(by: "k", name: "K", isOn: true), #""kind":"typing","by":"k","name":"K","on":true"#),
      (.read(by: "k", Sequence(9)), #""kind":"read","by":"k","seq":9"#),
      (
        .presence(of: kim, isOnline: false),
        #""kind":"presence","user":"k","name":"K\"","role":"agent","online":false"#
      ),
    ]
    for (event, members) in events {
      var frame = FrameBuffer()
      frame.writeEvent(session, event)
      #expect(seenFrames(frame.bytes) == [.text(#"{"type":"event","session":"7",\#(members)}"#)])
    }
  }

  @Test(
    "one of a newer server is handed on with its text, and one that lacks a field is not taken for what it is not"
  )
  func unknown() throws {
    let newer = try ReceivedFrame(text: #"{"type":"event","session":"7","kind":"praised","by":"x"}"#)
    #expect(newer.event?.kind == "praised" && newer.event?.json.contains(#""by":"x""#) == true)
    let short = try ReceivedFrame(text: #"{"type":"event","session":"7","kind":"rated","by":"x"}"#)
    #expect(short.event?.opened(as: Rated.self) == nil && short.event?.kind == "rated")
    var client = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"]))
    _ = client.connected(token: "t", at: 0)
    _ = client.received(try ReceivedFrame(text: #"{"type":"welcome","node":"node1"}"#), at: 0)
    let event = try #require(newer.event)
    #expect(client.received(newer, at: 1) == [.emit(.declared(session: "7", event))])
  }
}
