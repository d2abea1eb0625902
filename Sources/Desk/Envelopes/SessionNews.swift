package import Kernel

/// An event that those who follow a session are told, declared once: its frame is made from its fields.
package protocol SessionNews: DeskNews {
  /// For ever: it goes into the running digest, by which nodes of different releases compare their states.
  static var number: UInt16 { get }
  /// Who of those who follow the session are told.
  static var audience: NewsAudience { get }
  /// Whether this person is of the audience; that they follow the session is known.
  func isFor(_ person: Person) -> Bool
}

/// Who of those who follow a session are told of an event. All but what is for everybody is told in no stream of a desk.
package enum NewsAudience: Sendable {
  case everybody
  /// Not the customer.
  case staff
  /// Not the customer, nor agents but those whom the event names.
  case supervisors
}

extension SessionNews {
  package static var audience: NewsAudience { .everybody }
  package func isFor(_ person: Person) -> Bool {
    switch Self.audience {
    case .everybody: true
    case .staff: person.role != .customer
    case .supervisors: person.supervises
    }
  }

  /// The members of its frame behind `type` and `session`, each with a comma before it: `kind`, and its fields.
  package func write(into writer: inout BoundedWriter) {
    writer.write(literal: ",\"kind\":\"")
    writer.write(literal: Self.name)
    writer.write(literal: "\"")
    var isFirst = false
    Self.fields.writeMembers(of: self, isFirst: &isFirst, into: &writer)
  }
}

/// One such event, in the form in which it is handed from thread to thread.
package struct NewsRecord: Hashable, Sendable {
  package let number: UInt16
  package let fields: [UInt8]

  package init<News: SessionNews>(_ news: News) {
    number = News.number
    fields = News.fields.encode(news)
  }

  /// The members of its frame behind `type` and `session`, each with a comma before it: `kind`, and its fields.
  package func write(into writer: inout BoundedWriter) {
    guard let type = Self.all[number] else { return }
    write(type, into: &writer)
  }

  private func write<News: SessionNews>(_: News.Type, into writer: inout BoundedWriter) {
    if let news = try? News.fields.decode(fields) { news.write(into: &writer) }
  }

  /// As a client reads it.
  /// - Parameter text: of the frame.
  /// - Returns: nil when the kind is not known, or the text is not of that kind.
  package init?(kind: String, reading text: UnsafeRawBufferPointer) {
    guard let type = Self.all.values.first(where: { "\($0.name)" == kind }),
      let record = Self.read(type, text)
    else { return nil }
    self = record
  }

  private static func read<News: SessionNews>(_: News.Type, _ text: UnsafeRawBufferPointer) -> NewsRecord? {
    (try? News.fields.read(text)).map { NewsRecord($0) }
  }

  /// - Returns: nil when it is another event.
  package func opened<News: SessionNews>(as _: News.Type) -> News? {
    number == News.number ? try? News.fields.decode(fields) : nil
  }

  package var audience: NewsAudience { Self.all[number]?.audience ?? .everybody }

  /// nil: it is no event that this build knows.
  package var news: (any SessionNews)? {
    func read<News: SessionNews>(_: News.Type) -> (any SessionNews)? { opened(as: News.self) }
    return Self.all[number].flatMap { read($0) }
  }

  /// All that there are, by number.
  package static let all: [UInt16: any SessionNews.Type] = {
    var table: [UInt16: any SessionNews.Type] = [:]
    for news in Events.ofSessions { table[news.number] = news }
    for operation in Operations.ofSessions.values { for news in operation.events { table[news.number] = news } }
    return table
  }()
}
