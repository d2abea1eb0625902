import Desk
import Kernel
import Protocol
import Wire

extension SeededGenerator {
  mutating func submissions() -> [Submission] {
    // Few people and servers, so that neighbours often share them.
    let people = (0..<2).map { _ in person() }
    return list(upTo: 5) { generator in
      Submission(
        origin: Origin(
          server: ServerID(generator.number(below: 4)), request: generator.number()),
        command: generator.command(of: people))
    }
  }

  mutating func forwards() -> [Forward] {
    let people = (0..<2).map { _ in person() }
    return list(upTo: 5) { generator in
      Forward(
        request: generator.number(), session: SessionID(rawValue: generator.number()),
        epoch: Epoch(generator.number()), command: generator.command(of: people))
    }
  }

  mutating func attendance() -> AttendanceCodec.Content? {
    let people = { (generator: inout SeededGenerator) in generator.list(upTo: 4) { $0.person() } }
    if next() % 2 == 0 {
      return .reports(
        list(upTo: 5) {
          AttendanceReport(
            session: SessionID(rawValue: $0.number()), seen: $0.number(), isFollowed: $0.next() % 2 == 0,
            people: people(&$0))
        })
    }
    return .lists(
      list(upTo: 5) {
        AttendanceList(session: SessionID(rawValue: $0.number()), version: $0.number(), people: people(&$0))
      })
  }

  mutating func person() -> Person {
    Person(id: text(), role: UserRole.allCases.randomElement(using: &self)!, name: text())
  }

  mutating func command(of people: [Person]) -> Command {
    let person = people.randomElement(using: &self)!
    let session = SessionID(rawValue: number())
    let epoch = Epoch(number())
    switch next() % 9 {
    case 0:
      return .open(
        OpenSession(
          customer: person, requestID: text(), channel: text(), skill: text(), intent: text(),
          priority: Int32(truncatingIfNeeded: Int64(bitPattern: number())),
          attributes: list(upTo: 3) { Attribute(name: $0.text(), json: $0.text()) }, owner: ServerID(number())))
    case 1:
      return .send(
        SendMessage(
          session: session, epoch: epoch, id: text(), sender: person, kind: next() % 2 == 0 ? .text : .system,
          body: bytes(upTo: 200)))
    case 2: return .close(CloseSession(session: session, epoch: epoch, by: person, reason: text()))
    case 3:
      return .setStatus(
        SetAgentStatus(
          agent: AgentID(text()), name: text(), status: AgentStatus.allCases.randomElement(using: &self)!,
          skills: next() % 2 == 0
            ? nil
            : list(upTo: 3) {
              SkillWeight(skill: $0.text(), weight: UInt32(truncatingIfNeeded: $0.number()))
            },
          capacity: next() % 2 == 0 ? nil : UInt32(truncatingIfNeeded: number()),
          presence: Presence(server: ServerID(number()), connection: number()),
          grace: next() % 2 == 0 ? nil : number()))
    case 4:
      return .endPresences(
        EndPresences(
          server: ServerID(number()),
          items: next() % 2 == 0
            ? nil
            : list(upTo: 3) {
              EndPresences.Item(agent: AgentID($0.text()), connection: $0.number())
            }, bounds: bounds()))
    case 6:
      return .raiseLevel(RaiseLevel(level: next() % 4 == 0 ? .first : .second, release: text()))
    case 7:
      let matter = AuditMatter(session: session, customer: next() % 2 == 0 ? text() : nil, detail: text())
      let desk = DeskNumber(UInt16(next() % 1_024))
      return .noteRead(NoteRead(desk: desk, note: AuditNote(person, text(), matter, in: desk)))
    case 5: return .timePasses(TimePasses(limit: UInt32(truncatingIfNeeded: number())))
    default:
      return .serverLost(
        ServerLost(
          server: ServerID(number()), heirs: list(upTo: 4) { ServerID($0.number()) }, bounds: bounds()))
    }
  }

  mutating func bounds() -> Bounds? {
    next() % 2 == 0 ? nil : Bounds(limit: UInt32(truncatingIfNeeded: number()), grace: number())
  }
}
