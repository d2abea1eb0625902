internal import Desk
internal import Foundation

/// The query of a request, read strictly: what is not known, given twice or not a value of its kind is refused by
/// name, so that a misspelt parameter never reads as its default.
struct QueryParameters {
  private var values: [String: String] = [:]

  init(_ query: String?, allowed: [String]) throws(ProblemDetails) {
    for pair in (query ?? "").split(separator: "&", omittingEmptySubsequences: true) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = String(parts[0]).removingPercentEncoding,
        let value = (parts.count == 2 ? String(parts[1]) : "").removingPercentEncoding
      else {
        throw .badRequest("The query part \"\(pair.prefix(64))\" is not percent-encoded UTF-8.")
      }
      guard allowed.contains(name) else {
        throw .badRequest(
          "The parameter \"\(name.prefix(64))\" is not known here; allowed: \(allowed.isEmpty ? "none" : allowed.joined(separator: ", "))."
        )
      }
      guard values[name] == nil else {
        throw .badRequest("The parameter \"\(name)\" is given twice; once is allowed.")
      }
      values[name] = value
    }
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func text(_ name: String) -> String? { values[name] }

  func integer(_ name: String, in range: ClosedRange<UInt64>) throws(ProblemDetails) -> UInt64? {
    guard let text = values[name] else { return nil }
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt64(text),
      range.contains(value)
    else {
      let upper = range.upperBound == .max ? "" : " to \(range.upperBound)"
      throw .badValue(name, text, allowed: "a whole number from \(range.lowerBound)\(upper)")
    }
    return value
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Choice.Type
  ) throws(ProblemDetails) -> Choice? where Choice.RawValue == String {
    guard let text = values[name] else { return nil }
    guard let value = Choice(rawValue: text) else {
      throw .badValue(name, text, allowed: Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  func desk(_ name: String) throws(ProblemDetails) -> DeskName? {
    guard let text = values[name] else { return nil }
    guard let desk = DeskName(text) else { throw .badValue(name, text, allowed: DeskName.rule) }
    return desk
  }

  /// A flag stands alone (`?verbose`) or says `true` or `false`.
  func flag(_ name: String) throws(ProblemDetails) -> Bool {
    switch values[name] {
    case nil, "false", "0": false
    case "", "true", "1": true
    case .some(let text): throw .badValue(name, text, allowed: "nothing, true or false")
    }
  }

  /// Milliseconds since 1970, or a time of RFC 3339.
  func time(_ name: String) throws(ProblemDetails) -> UInt64? {
    guard let text = values[name] else { return nil }
    if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt64(text) {
      return value
    }
    guard let value = Timestamp.milliseconds(text) else {
      throw .badValue(
        name, text, allowed: "milliseconds since 1970, or a time of RFC 3339 such as 2025-01-31T12:00:00Z")
    }
    return value
  }
}

extension ProblemDetails {
  static func badValue(_ name: String, _ value: String, allowed: String) -> Self {
    .badRequest("The parameter \"\(name)\" is \"\(value.prefix(64))\"; allowed: \(allowed).")
  }
}
