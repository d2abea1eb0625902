import Desk
import Kernel
import Protocol

/// Frames as a server tells them.
enum FrameText {
  private static let usual = [
    #"{"type":"welcome","node":"node1","heartbeat_ms":15000,"limits":{"frame_bytes":65536},"nodes":[{"name":"n"}]}"#,
    #"{"type":"message","session":"7","seq":3,"id":"m","from":"a","role":"agent","name":"A","body":"x","time":1}"#,
    #"{"type":"history","id":"h","session":"7","messages":[{"seq":1,"body":"a"}],"more":true}"#,
    #"{"type":"sessions","id":"s","sessions":[{"session":"7","state":"queued","position":1}],"more":false}"#,
    #"{"type":"error","id":"e","code":"busy","message":"m","retry_after_ms":50}"#,
    #"{"type":"goaway","reason":"drain","node":"node2","reconnect_after_ms":100}"#,
  ]

  static func sample(_ random: inout SeededGenerator) -> [UInt8] {
    let types = NewsRecord.all.sorted { $0.key < $1.key }
    let place = Int(random.next() % UInt64(usual.count + types.count))
    guard place >= usual.count else { return Array(usual[place].utf8) }
    let type = types[place - usual.count].value
    return news(type, &random)
  }

  private static func news<News: SessionNews>(_: News.Type, _ random: inout SeededGenerator) -> [UInt8] {
    let fields = News.fields.json(of: News.fields.sample(&random)).dropFirst()
    return Array((#"{"type":"event","session":"7","kind":"\#(News.name)","# + fields).utf8)
  }
}
