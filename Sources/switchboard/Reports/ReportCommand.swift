import ArgumentParser
import Desk
import Foundation
import NIOHTTP1

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "What closed conversations come to: how many, how long they waited and took, how they were rated.",
    discussion: """
      Of the conversations that were closed on these days (UTC). What is open, or closed and not in the archive yet, is not in it.

      EXAMPLES
        switchboard report --from 2026-11-01 --before 2026-12-01
        switchboard report --from 2026-11-01 --before 2026-12-01 --by agent
        switchboard report --from 2026-11-01 --before 2026-12-01 --by day --csv > november.csv

      For supervisors and admins.

      \(Exit.summary)
      """)

  @Option(help: "The first day (UTC): 2026-11-01, or in ms since 1970.")
  var from: String
  @Option(help: "The day behind the last one.")
  var before: String
  @Option(help: "What has a row each: none, day, agent, skill or channel.")
  var by = ReportGrouping.none.name
  @Flag(help: "Comma-separated values, with all figures; durations in ms.")
  var csv = false
  @Flag(help: "Print the answer as it came, its pages in one.")
  var json = false
  @OptionGroup var asker: AskerOptions
  @OptionGroup var target: TargetOptions

  func validate() throws {
    if csv, json { throw ValidationError("Give one of --csv and --json.") }
    try asker.check(ReportConversations.allowed)
    _ = try query()
  }

  private func query() throws -> ReportConversations {
    func day(_ name: String, _ word: String) throws -> ReportDay {
      guard let day = ReportDate.day(word) else {
        throw ValidationError(
          "\(name) \(word): write it like 2026-11-01, or as the ms since 1970 at which a day begins")
      }
      return day
    }
    guard let by = ReportGrouping.allCases.first(where: { $0.name == by }) else {
      let names = ReportGrouping.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("--by \(by): it is one of \(names)")
    }
    let query = ReportConversations(
      from: try day("--from", from), before: try day("--before", before), by: by,
      limit: ReportConversations.most)
    guard query.from < query.before else {
      throw ValidationError("--before \(before): the range ends before it begins")
    }
    return query
  }

  func run() async throws {
    let query = try query()
    let cluster = try target.target()
    let token = try await target.bearer(of: cluster, else: asker.maker(for: ReportConversations.allowed))
    let round = NodeRound(
      urls: cluster.urls, http: NodeHTTP(token: token, authorities: cluster.authorities), patience: .seconds(10)
    )
    var report = ConversationReport(rows: [], place: nil, isComplete: true)
    repeat {
      let answer = try await round.ask(.GET, Self.path(query, after: report.place))
      guard answer.status == 200 else { throw CommandFailure(NodeHTTP.refusal(answer)) }
      let page = try Self.page(answer.body)
      report.rows += page.rows
      report.place = page.place
      report.isComplete = report.isComplete && page.isComplete
    } while report.place != nil
    if json {
      Terminal.say(ConversationReport.fields.json(of: report, asDocument: true))
    } else if csv {
      Terminal.say(ReportTable(report.rows, by: query.by).csv)
    } else {
      Terminal.say(ReportTable(report.rows, by: query.by).lines.joined(separator: "\n"))
    }
    if !report.isComplete {
      Terminal.complain(
        "A part of the archive of that node is still to be filled or counted: there may be more.")
    }
  }

  static func path(_ query: ReportConversations, after place: ArchivePlace?) -> String {
    let words = [
      "from=\(ReportDate.text(query.from))", "before=\(ReportDate.text(query.before))", "by=\(query.by.name)",
      "limit=\(query.limit)",
    ]
    return "/v1/reports/conversations?"
      + (words + (place.map { ["after=\($0.text)"] } ?? [])).joined(separator: "&")
  }

  static func page(_ body: Data) throws -> ConversationReport {
    let read: Result<ConversationReport, Failure> = body.withUnsafeBytes { text in
      do throws(Failure) { return .success(try ConversationReport.fields.read(text)) } catch {
        return .failure(error)
      }
    }
    guard let page = try? read.get() else { throw CommandFailure("The answer is no report.") }
    return page
  }
}
