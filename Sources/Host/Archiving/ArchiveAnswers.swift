import Archive
import Desk

/// The archive as queries see it.
struct ArchiveAnswers: ArchiveReading {
  let reader: ArchiveReader

  func words(_ text: String) throws(Failure) -> SearchQuery {
    do throws(SearchQuery.Fault) { return try SearchQuery(text) } catch {
      throw Failure(.badFrame, "`q`: \(error.description)")
    }
  }

  func found(
    _ query: SearchQuery, in scope: SearchScope, after cursor: SearchCursor?, limit: Int
  ) throws(Failure) -> SearchPage {
    do throws(ArchiveError) { return try reader.search(query, in: scope, after: cursor, limit: limit) } catch {
      throw Failure(error)
    }
  }

  func listed(
    _ filter: ArchivedSessionFilter, before: ArchivedSessionCursor?, limit: Int
  ) throws(Failure) -> ArchivedSessionPage {
    do throws(ArchiveError) { return try reader.sessions(filter, before: before, limit: limit) } catch {
      throw Failure(error)
    }
  }

  func report(_ question: ReportQuestion) throws(Failure) -> ArchivedReport {
    let report: ArchivedReport?
    do throws(ArchiveError) { report = try reader.report(question) } catch { throw Failure(error) }
    guard let report else {
      throw Failure(
        .badFrame,
        "`from`, `before`: more than \(ArchiveReader.mostReportRows) rows of days would have to be added up; ask for fewer "
          + "days at once.")
    }
    return report
  }

  func audit(
    of desk: DeskNumber, after number: UInt64, limit: Int
  ) throws(Failure) -> (links: [AuditLink], isComplete: Bool) {
    do throws(ArchiveError) { return try reader.audit(of: desk, after: number, limit: limit) } catch {
      throw Failure(error)
    }
  }

  func session(_ id: SessionID) throws(Failure) -> ArchivedSession? {
    do throws(ArchiveError) { return try reader.session(id) } catch { throw Failure(error) }
  }

  func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int
  ) throws(Failure) -> (page: TranscriptPage, isComplete: Bool) {
    do throws(ArchiveError) { return try reader.part(of: id, range, limit: limit, bytes: bytes) } catch {
      throw Failure(error)
    }
  }
}

extension Failure {
  init(_ error: ArchiveError) {
    guard error.kind != .needsWhole else {
      self.init(
        .busy,
        "The archive of this node is still filled, and misses a part of this; ask again later, or another node.",
        retryAfterMilliseconds: 5_000)
      return
    }
    self.init(
      .busy, "The archive of this node cannot be read now; ask another node. Its log says why.",
      retryAfterMilliseconds: 5_000)
  }
}
