import Archive
import Desk
import NIOCore
import Node

extension NodeDriver {
  /// Answered on the archive's thread, and told on this one.
  func ask(_ question: ArchiveQuestion) {
    let number = question.number
    let loop = loop
    let isTaken = archive?.archivist?.read { (reader) throws(ArchiveError) in
      question.answer(from: ArchiveAnswers(reader: reader))
    } then: { [weak self] answered in
      let answer = answered.mapError { Failure($0) }.flatMap { $0 }
      guard let self else { return }
      loop.execute { self.take(.archiveAnswered(number: number, answer)) }
    }
    guard isTaken != true else { return }
    let failure: Failure = archive?.archivist == nil ? .noArchive : .archiveIsBusy
    loop.execute { self.take(.archiveAnswered(number: number, .failure(failure))) }
  }
}
