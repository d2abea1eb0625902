import Desk
import Kernel
import Protocol

/// Everything that reads bytes from outside is given bytes that are nearly right, by a seed. What it takes has to come out of
/// its own writer as it went in; what it does not take is refused by an error. A trap ends the process, which is the finding:
/// `--from` with the last number that was printed, and `--inputs 1`, replays it.
package struct Fuzzing {
  /// What came of all inputs.
  package struct Outcome: Sendable {
    package var inputs = 0
    package var taken = 0
    package var problems: [String] = []
  }

  package private(set) var outcome = Outcome()
  private let connection = FuzzedConnection()
  private let binary = FuzzedConnection(isBinary: true)

  package init() {}

  /// One input for each reader.
  /// - Parameter seed: of the input.
  package mutating func run(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for type in Operations.all { records(type, seed, &random) }
    for (_, type) in Operations.ofSessions.sorted(by: { $0.key < $1.key }) { entries(type, seed, &random) }
    frames(seed, &random)
    binaryFrame(seed, &random)
  }

  private mutating func count(_ isTaken: Bool) {
    outcome.inputs += 1
    if isTaken { outcome.taken += 1 }
  }

  /// A record as JSON and as bytes.
  private mutating func records<One: ClientOperation>(
    _: One.Type, _ seed: UInt64, _ random: inout SeededGenerator
  ) {
    let sample = One.fields.sample(&random)
    var text = Array(One.fields.json(of: sample).utf8)
    Mutation.apply(to: &text, &random)
    let read = text.withUnsafeBytes { text in isValidUTF8(text) ? try? One.fields.read(text) : nil }
    if let read {
      let again = Array(One.fields.json(of: read).utf8).withUnsafeBytes { try? One.fields.read($0) }
      if again.map({ One.fields.encode($0) }) != One.fields.encode(read) {
        outcome.problems.append("seed \(seed): \(One.name) is not read as it was written: \(text)")
      }
    }
    count(read != nil)
    var bytes = One.fields.encode(sample)
    Mutation.apply(to: &bytes, &random)
    let decoded = try? One.fields.decode(bytes)
    if let decoded {
      let encoded = One.fields.encode(decoded)
      if (try? One.fields.decode(encoded)).map({ One.fields.encode($0) }) != encoded {
        outcome.problems.append("seed \(seed): the bytes of \(One.name) do not come back: \(bytes)")
      }
    }
    count(decoded != nil)
    heard(One.self, bytes, seed)
  }

  /// The fields of a client's binary frame: what is taken has to be what text may say.
  private mutating func heard<One: ClientOperation>(_: One.Type, _ bytes: [UInt8], _ seed: UInt64) {
    var record = RecordReader(bytes)
    let heard = try? One.fields.hear(&record)
    if let heard {
      let text = Array(One.fields.json(of: heard).utf8)
      let read = text.withUnsafeBytes { text in isValidUTF8(text) ? try? One.fields.read(text) : nil }
      if read.map({ One.fields.encode($0) }) != One.fields.encode(heard) {
        outcome.problems.append("seed \(seed): text does not say what \(One.name) says in binary: \(bytes)")
      }
    }
    count(heard != nil)
  }

  /// An entry of the log, and what a state makes of it.
  private mutating func entries<One: SessionOperation>(
    _: One.Type, _ seed: UInt64, _ random: inout SeededGenerator
  ) {
    let person = Person(id: "a", role: UserRole.allCases[Int(random.next() % 4)], name: "A")
    let envelope = Envelope(One.fields.sample(&random), id: "r\(seed % 4)", by: person, epoch: Epoch(1))
    var bytes = CommandCodec.encode([
      Submission(origin: Origin(server: ServerID(1), request: seed), command: .perform(envelope))
    ])
    Mutation.apply(to: &bytes, &random)
    let submissions = try? CommandCodec.decode(bytes)
    if let submissions {
      var effects: [Effect] = []
      var desk = ReplicatedState()
      desk.apply(submissions, index: 1, now: seed, into: &effects)
      if (try? CommandCodec.decode(CommandCodec.encode(submissions))) != submissions {
        outcome.problems.append("seed \(seed): an entry does not come back: \(bytes)")
      }
      if !desk.checkInvariants().isEmpty {
        outcome.problems.append("seed \(seed): \(desk.checkInvariants()[0])")
      }
    }
    count(submissions != nil)
  }

  /// A frame of a client for the gateway's machine, and one of a server for a client.
  private mutating func frames(_ seed: UInt64, _ random: inout SeededGenerator) {
    let type = Operations.all[Int(random.next() % UInt64(Operations.all.count))]
    var text = Self.frame(type, seed, &random)
    Mutation.apply(to: &text, &random)
    count(connection.hear(text))
    var told = FrameText.sample(&random)
    Mutation.apply(to: &told, &random)
    count((try? ReceivedFrame(bytes: told)) != nil)
  }

  /// A binary frame of a client for the gateway's machine.
  private mutating func binaryFrame(_ seed: UInt64, _ random: inout SeededGenerator) {
    var frame = BinaryFrameSample.any(seed, &random)
    Mutation.apply(to: &frame, &random)
    // Most would be refused for their length alone.
    if random.next() % 8 != 0 { BinaryFrameSample.setLength(&frame) }
    let isAsked = binary.hear(frame)
    if !isAsked, !binary.wasAnswered, !BinaryFrameSample.isSilent(frame) {
      outcome.problems.append("seed \(seed): a binary frame had no answer: \(frame)")
    }
    count(isAsked)
  }

  private static func frame<One: ClientOperation>(
    _: One.Type, _ seed: UInt64, _ random: inout SeededGenerator
  ) -> [UInt8] {
    SentFrame(One.fields.sample(&random), id: "f\(seed)").encoded
  }
}
