import Desk

extension DeskRequest {
  /// An agent's word on a connection that stays.
  /// - Parameter id: by which a repetition is known; empty: it is done each time.
  static func status(
    _ status: AgentStatus, skills: [SkillWeight]?, capacity: UInt32?, id: String = ""
  ) -> DeskRequest {
    .arrange(DeskRecord(SetStatus(status: status, skills: skills, capacity: capacity), id: id), stays: true)
  }
}
