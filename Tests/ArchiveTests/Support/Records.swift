import Desk

extension ArchivedSession {
  /// With nothing special in it.
  static func plain(_ id: SessionID) throws -> ArchivedSession {
    let json = """
      {"session":"\(id.text)","customer":"ann","customer_name":"Ann","channel":"web","skill":"","intent":"",
      "priority":0,"attributes":{},"agents":[],"opened_at":1,"closed_at":1,"closed_by":"ann","reason":"done",
      "messages":0}
      """
    return try Array(json.utf8).withUnsafeBytes { try ArchivedSession.fields.read($0) }
  }
}
