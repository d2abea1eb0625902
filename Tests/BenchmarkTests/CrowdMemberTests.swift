import NIOCore
import NIOPosix
import NIOWebSocket
import Testing

@testable import Benchmark

@Suite("A person of the crowd")
struct CrowdMemberTests {
  @Test("what comes while TLS says goodbye is for nobody: the measurement is over, and its crowd gone")
  func late() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    try await loop.submit {
      var crowd: Crowd? = Crowd(urls: ["https://127.0.0.1:1"], loop: loop)
      crowd?.add(CrowdMember.Role(token: "t"), at: 0)
      let member = try #require(crowd?.members.first)
      member.end()
      crowd = nil
      let text =
        #"{"type":"message","session":"7","seq":1,"id":"m","from":"a","role":"agent","name":"a","kind":"text","body":"b","time":1}"#
      member.heard(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
      member.lookAtTheTime()
      member.connect()
      #expect(!member.isReady && member.trouble == nil)
    }.get()
  }
}
