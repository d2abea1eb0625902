import Foundation
import Synchronization
import Testing

@testable import Server

@Suite("Lines on their way out of the process")
struct LogSpoolTests {
  private func spool(_ descriptor: CInt, mostBytes: Int) -> LogSpool {
    LogSpool(descriptor: descriptor, mostBytes: mostBytes) { "lost \($0)\n" }
  }

  @Test("a pipe that nobody reads holds nobody up; what finds no room is counted, and told once it is read")
  func unread() throws {
    let pipe = Pipe()
    let spool = spool(pipe.fileHandleForWriting.fileDescriptor, mostBytes: 64 << 10)
    let line = String(repeating: "x", count: 99) + "\n"
    // More than the pipe of any system and the spool together.
    for _ in 0..<50_000 { spool.write(line) }
    #expect(spool.lost > 0)
    let lost = spool.lost
    let text = Mutex("")
    let isRead = DispatchSemaphore(value: 0)
    Thread {
      // Until the other end is closed.
      let all = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      text.withLock { $0 = all }
      isRead.signal()
    }.start()
    spool.flush(within: 60)
    try pipe.fileHandleForWriting.close()
    isRead.wait()
    let lines = text.withLock { $0 }.split(separator: "\n")
    let told = lines.filter { $0.hasPrefix("lost ") }.compactMap { Int($0.dropFirst(5)) }.reduce(0, +)
    #expect(told == lost)
    #expect(lines.count { $0.utf8.count == 99 } == 50_000 - lost)
    #expect(lines.allSatisfy { $0.utf8.count == 99 || $0.hasPrefix("lost ") })
  }

  @Test("an end that is closed loses the lines and nothing else")
  func closed() throws {
    signal(SIGPIPE, SIG_IGN)
    let pipe = Pipe()
    let spool = spool(pipe.fileHandleForWriting.fileDescriptor, mostBytes: 1 << 10)
    try pipe.fileHandleForReading.close()
    for _ in 0..<3 {
      spool.write("a line\n")
      spool.flush(within: 60)
    }
    #expect(spool.lost == 3)
  }
}

@Suite("How a line of the log looks")
struct LogFormTests {
  private func line(_ form: LogForm) -> String {
    form.line(
      time: LogTime.text(seconds: 1_795_868_953, milliseconds: 7), level: "notice", label: "switchboard",
      source: "Server", message: "say \"hi\"\\", fields: [("node", "node1"), ("reason", "a b"), ("time", "")])
  }

  @Test("for people")
  func text() {
    #expect(
      line(.text)
        == "2026-11-28T12:29:13.007Z notice switchboard: node=node1 reason=a b time= [Server] say \"hi\"\\\n")
  }

  @Test("as pairs, each name once")
  func logfmt() {
    #expect(
      line(.logfmt)
        == #"time=2026-11-28T12:29:13.007Z level=notice source=Server msg="say \"hi\"\\" node=node1 reason="a b" time_="""#
        + "\n")
  }

  @Test("as an object that any reader takes")
  func json() throws {
    let object = try JSONSerialization.jsonObject(with: Data(line(.json).utf8)) as? [String: String]
    #expect(
      object == [
        "time": "2026-11-28T12:29:13.007Z", "level": "notice", "source": "Server", "msg": "say \"hi\"\\",
        "node": "node1", "reason": "a b", "time_": "",
      ])
  }
}
