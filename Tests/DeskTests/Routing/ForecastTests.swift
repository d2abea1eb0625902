import Kernel
import Testing

@testable import Desk

@Suite("How long a wait will be")
struct ForecastTests {
  /// A line in which chats take so long.
  private func line(handling: UInt64 = 480_000) -> LineForecast {
    var line = LineForecast()
    line.handled(in: handling)
    return line
  }

  @Test("goes by the place, by how long chats take and by how many there may be at once")
  func rates() {
    let line = line()
    #expect([1, 2, 5].map { line.expected(place: $0, slots: 24) } == [20_000, 40_000, 100_000])
    #expect(line.expected(place: 1, slots: 48) == 10_000)
    #expect(line.expected(place: 1_000, slots: 24).map { (19_900_000...20_000_000).contains($0) } == true)
  }

  @Test("is shorter where people give up")
  func quits() {
    var line = line()
    for _ in 0..<100 { line.quit(after: 600_000) }
    let times = [1, 10, 200, 400].compactMap { line.expected(place: $0, slots: 24) }
    #expect(times[0] == 20_000 && times[1] < 190_000 && times[1] > 150_000)
    // Of those before, most have given up.
    #expect(times[2] < 1_300_000 && times[3] > times[2] && times[3] < 2 * times[2])
  }

  @Test("is not said while nobody is there, or nothing is known of the line")
  func unknown() {
    #expect(LineForecast().estimate(place: 1, slots: 24) == nil)
    #expect(line().estimate(place: 1, slots: 0) == nil)
    #expect(line().estimate(place: 1, slots: 1)?.range == 50_000...1_110_000)
  }

  @Test("follows whatever was right of late: places, or what others have waited")
  func combination() throws {
    // Everybody waits a minute, whatever their place.
    var steady = line()
    for number in 0..<400 {
      steady.served(after: 60_000)
      if let said = steady.expectation(place: number % 40 + 1, slots: 24) { steady.learn(waited: 60_000, said) }
    }
    for place in [1, 30] {
      let estimate = try #require(steady.estimate(place: place, slots: 24))
      #expect((50_000...70_000).contains(estimate.likely), "place \(place): \(estimate)")
    }
    // Everybody waits three times what the rates say, and not what those before have waited.
    var slow = line()
    for number in 0..<400 {
      let place = number * 7 % 40 + 1
      let time = UInt64(place) * 60_000
      if let said = slow.expectation(place: place, slots: 24) { slow.learn(waited: time, said) }
      slow.served(after: time)
    }
    for place in [3, 30] {
      let estimate = try #require(slow.estimate(place: place, slots: 24))
      let right = UInt64(place) * 60_000
      #expect((right * 8 / 10...right * 12 / 10).contains(estimate.likely), "place \(place): \(estimate)")
      #expect(estimate.range?.contains(estimate.likely) == true)
    }
  }

  @Test("nothing that is told it stops the machine, and all of it is read as it was written")
  func bounds() throws {
    var line = LineForecast()
    var random = SplitMix(seed: 7)
    let times: [UInt64] = [0, 1, 59, 60_000, 1 << 31, 1 << 40, .max]
    func draw() -> UInt64 { times[Int(random.next() % UInt64(times.count))] }
    for step in 0..<6_000 {
      line.handled(in: draw())
      if step % 3 == 0 { line.quit(after: draw()) } else { line.served(after: draw()) }
      let place = [1, 2, 7, 9, 250, Int.max][Int(random.next() % 6)]
      let slots = draw()
      if let said = line.expectation(place: place, slots: slots) {
        line.learn(waited: draw(), said)
        let estimate = line.estimate(place: place, slots: slots)
        #expect(estimate?.range.map { $0.lowerBound <= $0.upperBound } == true)
      }
      guard step % 500 == 0 else { continue }
      var writer = ByteWriter()
      line.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try LineForecast(from: &reader) == line)
    }
    #expect(line.ratios.contains { $0.count == WaitRatios.most })
  }

  @Test("in a desk: nothing is said at first, then a range; a snapshot says the same")
  func desk() throws {
    var desk = Desk.newest
    desk.status("bob", capacity: 2)
    var open: [SessionID] = []
    for number in 0..<4 { open.append(desk.open("c\(number)")) }
    #expect(desk.state.position(of: open[3])?.position == 2)
    #expect(desk.state.position(of: open[3])?.eta == nil)
    for number in 4..<60 {
      desk.time += 30_000
      desk.close(open.removeFirst(), by: .customer("c\(number - 4)"))
      open.append(desk.open("c\(number)"))
    }
    let eta = try #require(desk.state.position(of: open[3])?.eta)
    #expect((40_000...80_000).contains(eta.likely) && eta.range?.contains(eta.likely) == true, "\(eta)")
    let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.position(of: open[3])?.eta == eta && copy.checkInvariants().isEmpty)
    #expect(copy.encodedSnapshot() == desk.state.encodedSnapshot())
    // Nobody is there any more.
    desk.status("bob", .away)
    #expect(desk.state.position(of: open[3])?.eta == nil && desk.state.checkInvariants().isEmpty)
    desk.status("bob", capacity: 4)
    #expect(desk.state.checkInvariants().isEmpty)
  }

  @Test("a line that nobody has served is not kept for those who gave up in it")
  func unserved() {
    var desk = Desk.newest
    for number in 0..<3 {
      let session = desk.open("c\(number)", skill: "s\(number)")
      desk.time += 1_000
      desk.close(session, by: .customer("c\(number)"))
      #expect(!desk.state.main.lineTable.contains(TextKey("s\(number)")))
    }
  }

  @Test("whoever is taken out of turn changes nothing of what others are told")
  func outOfTurn() {
    var desk = Desk.newest
    desk.status("bob", skills: ["tax"], capacity: 1)
    let sessions = (0..<4).map { desk.open("c\($0)", skill: "tax") }
    desk.time += 60_000
    desk.close(sessions[0], by: .customer("c0"))
    desk.status("kim", connection: 2)
    let before = desk.state.main.lineTable[TextKey("tax")]?.forecast
    desk.time += 60_000
    #expect(desk.perform(Claim(session: sessions[3]), by: .supervisor("kim")).answer == .done)
    #expect(desk.agents(of: sessions[3]) == ["kim"] && before?.isEmpty == false)
    #expect(desk.state.main.lineTable[TextKey("tax")]?.forecast == before)
    // In turn it does.
    desk.close(sessions[1], by: .customer("c1"))
    #expect(desk.agents(of: sessions[2]) == ["bob"])
    #expect(desk.state.main.lineTable[TextKey("tax")]?.forecast != before)
  }

  @Test("so many lines of a desk learn, and the others go by rates")
  func manyLines() throws {
    var desk = Desk.newest
    let most = 8
    desk.state.change(.main) { $0.mostLearningLines = most }
    for number in 0..<most + 4 {
      desk.status("a\(number)", skills: ["s\(number)"], capacity: 1)
      let sessions = (0..<3).map { desk.open("c\(number)", request: "r\($0)", skill: "s\(number)") }
      desk.time += 1_000
      desk.close(sessions[0], by: .customer("c\(number)"))
      let last = desk.open("c\(number)", request: "r3", skill: "s\(number)")
      for session in sessions.dropFirst() + [last] {
        desk.time += 1_000
        desk.close(session, by: .customer("c\(number)"))
      }
    }
    #expect(desk.state.main.learningLines == most)
    let copy = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(copy.main.learningLines == most && copy.checkInvariants().isEmpty)
  }
}
