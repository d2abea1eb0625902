package import Kernel

/// Reads what `CommandWriter` has written, and holds what later commands may refer to.
package struct CommandReader {
  package var bytes: ByteReader
  private var server: ServerID?
  private var person: Person?

  package init(_ data: [UInt8]) {
    bytes = ByteReader(data)
  }

  /// Goes on behind a command that could not be read. What that one may have said of its person is not known: a later
  /// one that refers to it cannot be read either.
  package mutating func goOn(at offset: Int) {
    bytes.move(to: offset)
    person = nil
  }

  package mutating func readSubmission() throws(DecodingFailure) -> Submission {
    let tag = try bytes.readUInt8()
    if tag & CommandTag.sameServer == 0 { server = ServerID(try bytes.readVarint()) }
    guard let server else { throw .invalid("the first submission refers to the server of one before it") }
    let request = try bytes.readVarint()
    return Submission(
      origin: Origin(server: server, request: request),
      command: try readCommand(tag: tag & ~CommandTag.sameServer))
  }

  package mutating func readCommand() throws(DecodingFailure) -> Command {
    try readCommand(tag: try bytes.readUInt8())
  }

  private mutating func readCommand(tag: UInt8) throws(DecodingFailure) -> Command {
    let flags = tag & ~CommandTag.number
    let samePerson = flags == CommandTag.samePerson
    guard flags == 0 || samePerson else { throw .invalid("a command has unknown flags (tag \(tag))") }
    switch tag & CommandTag.number {
    case CommandTag.open: return .open(try readOpen(samePerson))
    case CommandTag.send: return .send(try readSend(samePerson))
    case CommandTag.close: return .close(try readClose(samePerson))
    case CommandTag.transfer: return .transfer(try readTransfer(samePerson))
    case let number where samePerson: throw .invalid("command \(number) has no person to share")
    case CommandTag.setStatus: return .setStatus(try readStatus(withGrace: false))
    case CommandTag.setStatusWithGrace: return .setStatus(try readStatus(withGrace: true))
    case CommandTag.endPresences: return .endPresences(try readEnd(isBounded: false))
    case CommandTag.boundedEndPresences: return .endPresences(try readEnd(isBounded: true))
    case CommandTag.serverLost: return .serverLost(try readLost(isBounded: false))
    case CommandTag.boundedServerLost: return .serverLost(try readLost(isBounded: true))
    case CommandTag.timePasses: return .timePasses(TimePasses(limit: try readUInt32Varint()))
    case CommandTag.widened: return try readWidened()
    case let number: throw .invalid("command \(number) is not known")
    }
  }

  /// What it takes is known before its fields are read: a command that this build does not know is passed over, and
  /// the next one can be read.
  private mutating func readWidened() throws(DecodingFailure) -> Command {
    let number = try bytes.readVarint()
    let since = Level(UInt16(clamping: try bytes.readVarint()))
    var fields = ByteReader(try bytes.readBytes(limit: .max))
    let command: Command
    switch number {
    case WidenedNumber.raiseLevel:
      guard let level = UInt16(exactly: try fields.readVarint()) else {
        throw .invalid("a level is above 16 bits")
      }
      command = .raiseLevel(RaiseLevel(level: Level(level), release: try fields.readString(limit: .max)))
    case WidenedNumber.attend: command = .attend(try Self.readAttendance(&fields))
    case WidenedNumber.retire:
      command = .timePasses(
        TimePasses(limit: try Self.readUInt32Varint(&fields), endedBefore: try fields.readVarint()))
    case WidenedNumber.dropMonths:
      command = .dropMonths(DropMonths(before: try Self.readUInt32Varint(&fields)))
    case WidenedNumber.noteRead: command = .noteRead(try Self.readNote(&fields))
    case WidenedNumber.annotate: command = .annotate(try Self.readAnnotation(&fields))
    case WidenedNumber.inDesk: command = try Self.readWrapped(&fields)
    case let number where Operations.ofCluster[UInt16(clamping: number)] != nil:
      command = .govern(try Self.readClusterEnvelope(&fields, UInt16(clamping: number)))
    case let number where Operations.ofDesks[UInt16(clamping: number)] != nil:
      command = .arrange(try Self.readDeskEnvelope(&fields, UInt16(clamping: number)))
    case let number where Operations.ofSessions[UInt16(clamping: number)] != nil:
      command = .perform(try Self.readEnvelope(&fields, UInt16(clamping: number), since))
    default:
      throw .invalid(
        "command \(number) of level \(since) is not known, and this node reads up to \(Level.newest)")
    }
    // Not skipped: a field that only some nodes know would part their states. A new field is a new number.
    guard fields.isAtEnd, since == command.since else {
      throw .invalid("command \(number) has fields or a level that it cannot have")
    }
    return command
  }

  private static func readWrapped(_ fields: inout ByteReader) throws(DecodingFailure) -> Command {
    guard let number = UInt16(exactly: try fields.readVarint()), (1...DeskNumber.most).contains(Int(number))
    else {
      throw .invalid("a command is for a desk whose number none can have")
    }
    var inner = CommandReader(try fields.readRaw(count: fields.remaining))
    // One level of wrapping: what is inside is none of the widened.
    guard inner.bytes.next.map({ $0 & CommandTag.number != CommandTag.widened }) == true,
      let command = try inner.readCommand().inside(DeskNumber(number)), inner.bytes.isAtEnd
    else { throw .invalid("a command that belongs to no desk is said to be of one") }
    return command
  }

  private static func readNote(_ fields: inout ByteReader) throws(DecodingFailure) -> NoteRead {
    guard let desk = UInt16(exactly: try fields.readVarint()), Int(desk) <= DeskNumber.most else {
      throw .invalid("a command is for a desk whose number none can have")
    }
    let note = try AuditNote.fields.decode(try fields.readRaw(count: fields.remaining))
    return NoteRead(desk: DeskNumber(desk), note: note)
  }

  private static func readAnnotation(_ fields: inout ByteReader) throws(DecodingFailure) -> AnnotateSession {
    guard let operation = UInt16(exactly: try fields.readVarint()) else {
      throw .invalid("an operation has a number above 16 bits")
    }
    let id = try fields.readString(limit: .max)
    let person = try Person(from: &fields)
    let record = try OperationRecord(
      reading: operation, id: id, fields: try fields.readBytes(limit: .max), expecting: .none)
    let row = try ArchivedSession(stored: try fields.readRaw(count: fields.remaining))
    return AnnotateSession(Envelope(record, by: person, epoch: Epoch(0), level: .newest), of: row)
  }

  private static func readDeskEnvelope(
    _ fields: inout ByteReader, _ operation: UInt16
  ) throws(DecodingFailure) -> DeskEnvelope {
    guard let desk = UInt16(exactly: try fields.readVarint()), Int(desk) <= DeskNumber.most else {
      throw .invalid("a command is for a desk whose number none can have")
    }
    let request = try fields.readString(limit: .max)
    let person = try Person(from: &fields)
    let flags = try fields.readUInt8()
    guard flags < 4 else { throw .invalid("an operation of a desk has unknown flags (\(flags))") }
    let presence =
      flags & 1 == 0
      ? nil : Presence(server: ServerID(try fields.readVarint()), connection: try fields.readVarint())
    let grace = flags & 2 == 0 ? nil : try fields.readVarint()
    let record = try DeskRecord(
      reading: operation, id: request, fields: try fields.readRaw(count: fields.remaining))
    return DeskEnvelope(record, by: person, in: DeskNumber(desk), presence: presence, grace: grace)
  }

  private static func readClusterEnvelope(
    _ fields: inout ByteReader, _ operation: UInt16
  ) throws(DecodingFailure) -> ClusterEnvelope {
    let request = try fields.readString(limit: .max)
    let person = try Person(from: &fields)
    let record = try ClusterRecord(
      reading: operation, id: request, fields: try fields.readRaw(count: fields.remaining))
    return ClusterEnvelope(record, by: person)
  }

  private static func readEnvelope(
    _ fields: inout ByteReader, _ operation: UInt16, _ since: Level
  ) throws(DecodingFailure) -> Envelope {
    let epoch = Epoch(try fields.readVarint())
    let request = try fields.readString(limit: .max)
    let person = try Person(from: &fields)
    let expectation = since >= Expectation.since ? try Expectation(from: &fields) : .none
    let record = try OperationRecord(
      reading: operation, id: request, fields: try fields.readRaw(count: fields.remaining),
      expecting: expectation)
    return Envelope(record, by: person, epoch: epoch, level: .newest)
  }

  private static func readAttendance(_ fields: inout ByteReader) throws(DecodingFailure) -> SetAttendance {
    let session = SessionID(rawValue: try fields.readVarint())
    switch try fields.readUInt8() {
    case 0: return SetAttendance(session: session, absence: nil)
    case 1:
      return SetAttendance(
        session: session,
        absence: .init(
          epoch: Epoch(try fields.readVarint()), queueGrace: try fields.readVarint(),
          openGrace: try fields.readVarint()))
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
  }

  private mutating func readPerson(_ same: Bool) throws(DecodingFailure) -> Person {
    if same {
      guard let person else { throw .invalid("a command refers to a person, and none came before") }
      return person
    }
    let id = try readString()
    let number = try bytes.readUInt8()
    guard let role = UserRole(rawValue: number) else { throw .invalid("role \(number) is not known") }
    let read = Person(id: id, role: role, name: try readString())
    person = read
    return read
  }

  private mutating func readOpen(_ samePerson: Bool) throws(DecodingFailure) -> OpenSession {
    let customer = try readPerson(samePerson)
    let requestID = try readString()
    let channel = try readString()
    let skill = try readString()
    let intent = try readString()
    let zigzag = try readUInt32Varint()
    let priority = Int32(bitPattern: zigzag >> 1) ^ -Int32(bitPattern: zigzag & 1)
    var attributes: [Attribute] = []
    for _ in 0..<(try bytes.readCount(limit: .max, minimumElementSize: 2)) {
      attributes.append(Attribute(name: try readString(), json: try readString()))
    }
    return OpenSession(
      customer: customer, requestID: requestID, channel: channel, skill: skill, intent: intent,
      priority: priority, attributes: attributes, owner: ServerID(try bytes.readVarint()))
  }

  private mutating func readSend(_ samePerson: Bool) throws(DecodingFailure) -> SendMessage {
    let session = SessionID(rawValue: try bytes.readVarint())
    let epoch = Epoch(try bytes.readVarint())
    let id = try readString()
    let sender = try readPerson(samePerson)
    let number = try bytes.readUInt8()
    guard let kind = MessageKind(rawValue: number) else {
      throw .invalid("message kind \(number) is not known")
    }
    return SendMessage(
      session: session, epoch: epoch, id: id, sender: sender, kind: kind,
      body: try bytes.readBytes(limit: .max))
  }

  private mutating func readClose(_ samePerson: Bool) throws(DecodingFailure) -> CloseSession {
    let session = SessionID(rawValue: try bytes.readVarint())
    let epoch = Epoch(try bytes.readVarint())
    return CloseSession(
      session: session, epoch: epoch, by: try readPerson(samePerson), reason: try readString())
  }

  private mutating func readTransfer(_ samePerson: Bool) throws(DecodingFailure) -> TransferSession {
    let session = SessionID(rawValue: try bytes.readVarint())
    let epoch = Epoch(try bytes.readVarint())
    let requestID = try readString()
    let person = try readPerson(samePerson)
    let target: Transfer.Target
    switch try bytes.readUInt8() {
    case TransferTargetTag.agent: target = .agent(AgentID(try readString()))
    case TransferTargetTag.skill: target = .skill(try readString())
    case let other: throw .invalid("a session is handed on to \(other), neither an agent nor a skill")
    }
    return TransferSession(session: session, epoch: epoch, requestID: requestID, by: person, target: target)
  }

  private mutating func readStatus(withGrace: Bool) throws(DecodingFailure) -> SetAgentStatus {
    let agent = AgentID(try readString())
    let name = try readString()
    let number = try bytes.readUInt8()
    guard let status = AgentStatus(rawValue: number) else {
      throw .invalid("agent status \(number) is not known")
    }
    var skills: [SkillWeight]?
    if try readFlag() {
      var read: [SkillWeight] = []
      for _ in 0..<(try bytes.readCount(limit: .max, minimumElementSize: 2)) {
        read.append(SkillWeight(skill: try readString(), weight: try readUInt32Varint()))
      }
      skills = read
    }
    let capacity = try readFlag() ? try readUInt32Varint() : nil
    let presence = Presence(server: ServerID(try bytes.readVarint()), connection: try bytes.readVarint())
    let grace = withGrace ? try bytes.readVarint() : nil
    return SetAgentStatus(
      agent: agent, name: name, status: status, skills: skills, capacity: capacity, presence: presence,
      grace: grace)
  }

  private mutating func readEnd(isBounded: Bool) throws(DecodingFailure) -> EndPresences {
    let server = ServerID(try bytes.readVarint())
    var items: [EndPresences.Item]?
    if try readFlag() {
      var read: [EndPresences.Item] = []
      for _ in 0..<(try bytes.readCount(limit: .max, minimumElementSize: 2)) {
        read.append(
          EndPresences.Item(agent: AgentID(try readString()), connection: try bytes.readVarint()))
      }
      items = read
    }
    return EndPresences(server: server, items: items, bounds: isBounded ? try readBounds() : nil)
  }

  private mutating func readBounds() throws(DecodingFailure) -> Bounds {
    Bounds(limit: try readUInt32Varint(), grace: try bytes.readVarint())
  }

  private mutating func readLost(isBounded: Bool) throws(DecodingFailure) -> ServerLost {
    let server = ServerID(try bytes.readVarint())
    var heirs: [ServerID] = []
    for _ in 0..<(try bytes.readCount(limit: .max, minimumElementSize: 1)) {
      heirs.append(ServerID(try bytes.readVarint()))
    }
    return ServerLost(server: server, heirs: heirs, bounds: isBounded ? try readBounds() : nil)
  }

  private mutating func readString() throws(DecodingFailure) -> String {
    try bytes.readString(limit: .max)
  }

  private mutating func readFlag() throws(DecodingFailure) -> Bool {
    switch try bytes.readUInt8() {
    case 0: false
    case 1: true
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
  }

  private mutating func readUInt32Varint() throws(DecodingFailure) -> UInt32 {
    try Self.readUInt32Varint(&bytes)
  }

  private static func readUInt32Varint(_ reader: inout ByteReader) throws(DecodingFailure) -> UInt32 {
    guard let value = UInt32(exactly: try reader.readVarint()) else {
      throw .invalid("a number is above 32 bits")
    }
    return value
  }
}
