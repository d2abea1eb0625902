package import Kernel

/// Writes commands one after another and leaves out what the one before has said.
package struct CommandWriter {
  package var bytes: ByteWriter
  private var server: ServerID?
  private var person: Person?

  package init(reservingCapacity capacity: Int) {
    bytes = ByteWriter(reservingCapacity: capacity)
  }

  /// About the bytes that a submission takes, and seldom fewer: entries are kept in memory, and an array that
  /// had to grow would hold up to twice what it needs.
  package static func capacity(for command: Command) -> Int {
    switch command {
    case .send(let send):
      36 + send.id.utf8.count + capacity(for: send.sender) + send.body.count
    case .open(let open):
      48 + capacity(for: open.customer) + open.requestID.utf8.count + open.channel.utf8.count
        + open.skill.utf8.count + open.intent.utf8.count
        + open.attributes.reduce(0) { $0 + 4 + $1.name.utf8.count + $1.json.utf8.count }
    case .perform(let envelope): 36 + capacity(for: envelope.by) + envelope.record.size
    case .setStatus(let status):
      56 + status.agent.rawValue.utf8.count + status.name.utf8.count
        + (status.skills ?? []).reduce(0) { $0 + 6 + $1.skill.utf8.count }
    case .endPresences(let end):
      36 + (end.items ?? []).reduce(0) { $0 + 8 + $1.agent.rawValue.utf8.count }
    case .serverLost(let lost): 36 + lost.heirs.count * 2
    case .timePasses, .dropMonths: 24
    case .raiseLevel(let raise): 32 + raise.release.utf8.count
    case .attend: 48
    case .annotate(let annotation):
      60 + capacity(for: annotation.envelope.by) + annotation.envelope.record.size
        + annotation.row.stored.count
    case .noteRead(let read): 96 + read.note.actor.utf8.count + (read.note.detail?.utf8.count ?? 0)
    case .govern(let envelope):
      36 + capacity(for: envelope.by) + envelope.record.requestID.utf8.count + envelope.record.fields.count
    case .arrange(let envelope): 60 + capacity(for: envelope.by) + envelope.record.size
    }
  }

  private static func capacity(for person: Person) -> Int {
    4 + person.id.utf8.count + person.name.utf8.count
  }

  package mutating func write(_ submission: Submission) {
    let sameServer = submission.origin.server == server
    let samePerson = isSamePerson(submission.command)
    writeTag(of: submission.command, sameServer: sameServer, samePerson: samePerson)
    if !sameServer {
      server = submission.origin.server
      bytes.writeVarint(submission.origin.server.rawValue)
    }
    bytes.writeVarint(submission.origin.request)
    writeFields(of: submission.command, samePerson: samePerson)
  }

  /// A command without an origin.
  package mutating func write(_ command: Command) {
    let samePerson = isSamePerson(command)
    writeTag(of: command, sameServer: false, samePerson: samePerson)
    writeFields(of: command, samePerson: samePerson)
  }

  private func isSamePerson(_ command: Command) -> Bool {
    guard let person, !command.isWrapped else { return false }
    switch command {
    case .open(let open): return open.customer == person
    case .send(let send): return send.sender == person
    case .perform(let envelope): return envelope.isLegacy && envelope.by == person
    case .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend, .govern,
      .arrange, .noteRead, .annotate:
      return false
    }
  }

  private mutating func writeTag(of command: Command, sameServer: Bool, samePerson: Bool) {
    var tag = command.isWrapped ? CommandTag.widened : Self.tag(of: command)
    if sameServer { tag |= CommandTag.sameServer }
    if samePerson { tag |= CommandTag.samePerson }
    write(byte: tag)
  }

  private static func tag(of command: Command) -> UInt8 {
    switch command {
    case .open: CommandTag.open
    case .send: CommandTag.send
    case .perform(let envelope):
      switch LegacyForm(envelope) {
      case .close?: CommandTag.close
      case .transfer?: CommandTag.transfer
      case nil: CommandTag.widened
      }
    case .setStatus(let status): status.grace == nil ? CommandTag.setStatus : CommandTag.setStatusWithGrace
    case .endPresences(let end): end.bounds == nil ? CommandTag.endPresences : CommandTag.boundedEndPresences
    case .serverLost(let lost): lost.bounds == nil ? CommandTag.serverLost : CommandTag.boundedServerLost
    case .timePasses(let time): time.endedBefore == nil ? CommandTag.timePasses : CommandTag.widened
    case .dropMonths, .raiseLevel, .attend, .govern, .arrange, .noteRead, .annotate: CommandTag.widened
    }
  }

  private mutating func writeUnlessSame(_ person: Person, _ same: Bool) {
    if same { return }
    self.person = person
    bytes.write(string: person.id)
    write(byte: person.role.rawValue)
    bytes.write(string: person.name)
  }

  private mutating func writeFields(of command: Command, samePerson: Bool) {
    guard !command.isWrapped else { return writeWrapped(command) }
    writeOwnFields(of: command, samePerson: samePerson)
  }

  /// The desk, then the command as it is written for the main one. It refers to no command before it.
  private mutating func writeWrapped(_ command: Command) {
    writeWidened(WidenedNumber.inDesk, since: command.since) { fields in
      fields.writeVarint(UInt64(command.desk.rawValue))
      var inner = CommandWriter(reservingCapacity: Self.capacity(for: command))
      inner.write(byte: Self.tag(of: command))
      inner.writeOwnFields(of: command, samePerson: false)
      fields.write(raw: inner.bytes.bytes)
    }
  }

  private mutating func writeOwnFields(of command: Command, samePerson: Bool) {
    switch command {
    case .open(let open): write(open, samePerson)
    case .send(let send): write(send, samePerson)
    case .perform(let envelope):
      switch LegacyForm(envelope) {
      case .close(let close)?: write(close, samePerson)
      case .transfer(let transfer)?: write(transfer, samePerson)
      case nil: write(envelope)
      }
    case .setStatus(let status): write(status)
    case .endPresences(let end): write(end)
    case .serverLost(let lost):
      bytes.writeVarint(lost.server.rawValue)
      bytes.writeVarint(UInt64(lost.heirs.count))
      for heir in lost.heirs { bytes.writeVarint(heir.rawValue) }
      write(lost.bounds)
    case .timePasses(let time): write(time)
    case .dropMonths(let drop):
      writeWidened(WidenedNumber.dropMonths, since: command.since) { fields in
        fields.writeVarint(UInt64(drop.before))
      }
    case .raiseLevel(let raise):
      writeWidened(WidenedNumber.raiseLevel, since: command.since) { fields in
        fields.writeVarint(UInt64(raise.level.rawValue))
        fields.write(string: raise.release)
      }
    case .attend(let attendance):
      writeWidened(WidenedNumber.attend, since: command.since) { fields in
        fields.writeVarint(attendance.session.rawValue)
        fields.write(UInt8(attendance.absence == nil ? 0 : 1))
        guard let absence = attendance.absence else { return }
        fields.writeVarint(absence.epoch.rawValue)
        fields.writeVarint(absence.queueGrace)
        fields.writeVarint(absence.openGrace)
      }
    case .govern(let envelope): write(envelope)
    case .annotate(let annotation): write(annotation)
    case .arrange(let envelope): write(envelope)
    case .noteRead(let read):
      writeWidened(WidenedNumber.noteRead, since: command.since) { fields in
        fields.writeVarint(UInt64(read.desk.rawValue))
        fields.write(raw: AuditNote.fields.encode(read.note))
      }
    }
  }

  private mutating func write(_ envelope: DeskEnvelope) {
    writeWidened(UInt64(envelope.record.operation), since: envelope.record.since) { fields in
      fields.writeVarint(UInt64(envelope.desk.rawValue))
      fields.write(string: envelope.record.requestID)
      envelope.by.encode(into: &fields)
      fields.write(UInt8((envelope.presence == nil ? 0 : 1) | (envelope.grace == nil ? 0 : 2)))
      if let presence = envelope.presence {
        fields.writeVarint(presence.server.rawValue)
        fields.writeVarint(presence.connection)
      }
      if let grace = envelope.grace { fields.writeVarint(grace) }
      fields.write(raw: envelope.record.fields)
    }
  }

  private mutating func write(_ annotation: AnnotateSession) {
    let envelope = annotation.envelope
    writeWidened(WidenedNumber.annotate, since: max(envelope.level, AnnotateSession.since)) { fields in
      fields.writeVarint(UInt64(envelope.operation))
      fields.write(string: envelope.requestID)
      envelope.by.encode(into: &fields)
      fields.write(bytes: envelope.record.fields)
      fields.write(raw: annotation.row.stored)
    }
  }

  private mutating func write(_ time: TimePasses) {
    guard let endedBefore = time.endedBefore else { return bytes.writeVarint(UInt64(time.limit)) }
    writeWidened(WidenedNumber.retire, since: .sixth) { fields in
      fields.writeVarint(UInt64(time.limit))
      fields.writeVarint(endedBefore)
    }
  }

  private mutating func write(_ envelope: ClusterEnvelope) {
    writeWidened(UInt64(envelope.record.operation), since: envelope.record.since) { fields in
      fields.write(string: envelope.record.requestID)
      envelope.by.encode(into: &fields)
      fields.write(raw: envelope.record.fields)
    }
  }

  private mutating func write(_ envelope: Envelope) {
    writeWidened(UInt64(envelope.operation), since: envelope.level) { fields in
      fields.writeVarint(envelope.epoch.rawValue)
      fields.write(string: envelope.requestID)
      envelope.by.encode(into: &fields)
      if envelope.level >= Expectation.since { envelope.record.expectation.encode(into: &fields) }
      fields.write(raw: envelope.record.fields)
    }
  }

  /// The fields have a length in front of them, so that whoever does not know the number can skip them.
  private mutating func writeWidened(_ number: UInt64, since: Level, _ write: (inout ByteWriter) -> Void) {
    bytes.writeVarint(number)
    bytes.writeVarint(UInt64(since.rawValue))
    var fields = ByteWriter()
    write(&fields)
    bytes.write(bytes: fields.bytes)
  }

  private mutating func write(byte: UInt8) {
    bytes.bytes.append(byte)
  }

  private mutating func write(_ open: OpenSession, _ samePerson: Bool) {
    writeUnlessSame(open.customer, samePerson)
    bytes.write(string: open.requestID)
    bytes.write(string: open.channel)
    bytes.write(string: open.skill)
    bytes.write(string: open.intent)
    // Zigzag: small numbers of either sign take one byte.
    bytes.writeVarint(UInt64(UInt32(bitPattern: (open.priority << 1) ^ (open.priority >> 31))))
    bytes.writeVarint(UInt64(open.attributes.count))
    for attribute in open.attributes {
      bytes.write(string: attribute.name)
      bytes.write(string: attribute.json)
    }
    bytes.writeVarint(open.owner.rawValue)
  }

  private mutating func write(_ send: SendMessage, _ samePerson: Bool) {
    bytes.writeVarint(send.session.rawValue)
    bytes.writeVarint(send.epoch.rawValue)
    bytes.write(string: send.id)
    writeUnlessSame(send.sender, samePerson)
    write(byte: send.kind.rawValue)
    bytes.write(bytes: send.body)
  }

  private mutating func write(_ close: CloseSession, _ samePerson: Bool) {
    bytes.writeVarint(close.session.rawValue)
    bytes.writeVarint(close.epoch.rawValue)
    writeUnlessSame(close.by, samePerson)
    bytes.write(string: close.reason)
  }

  private mutating func write(_ transfer: TransferSession, _ samePerson: Bool) {
    bytes.writeVarint(transfer.session.rawValue)
    bytes.writeVarint(transfer.epoch.rawValue)
    bytes.write(string: transfer.requestID)
    writeUnlessSame(transfer.by, samePerson)
    switch transfer.target {
    case .agent(let agent):
      write(byte: TransferTargetTag.agent)
      bytes.write(string: agent.rawValue)
    case .skill(let skill):
      write(byte: TransferTargetTag.skill)
      bytes.write(string: skill)
    }
  }

  private mutating func write(_ status: SetAgentStatus) {
    bytes.write(string: status.agent.rawValue)
    bytes.write(string: status.name)
    write(byte: status.status.rawValue)
    write(byte: status.skills == nil ? 0 : 1)
    if let skills = status.skills {
      bytes.writeVarint(UInt64(skills.count))
      for skill in skills {
        bytes.write(string: skill.skill)
        bytes.writeVarint(UInt64(skill.weight))
      }
    }
    write(byte: status.capacity == nil ? 0 : 1)
    if let capacity = status.capacity { bytes.writeVarint(UInt64(capacity)) }
    bytes.writeVarint(status.presence.server.rawValue)
    bytes.writeVarint(status.presence.connection)
    if let grace = status.grace { bytes.writeVarint(grace) }
  }

  private mutating func write(_ end: EndPresences) {
    bytes.writeVarint(end.server.rawValue)
    write(byte: end.items == nil ? 0 : 1)
    if let items = end.items {
      bytes.writeVarint(UInt64(items.count))
      for item in items {
        bytes.write(string: item.agent.rawValue)
        bytes.writeVarint(item.connection)
      }
    }
    write(end.bounds)
  }

  /// The tag says whether there are any.
  private mutating func write(_ bounds: Bounds?) {
    guard let bounds else { return }
    bytes.writeVarint(UInt64(bounds.limit))
    bytes.writeVarint(bounds.grace)
  }
}
