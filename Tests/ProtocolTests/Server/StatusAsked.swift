import Desk

extension DeskRequest {
  /// nil: it is something else.
  var status: SetStatus? {
    if case .arrange(let record, stays: true) = self { record.opened(as: SetStatus.self) } else { nil }
  }
}
