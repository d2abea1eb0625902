import Kernel
internal import Protocol

/// Something that has happened to the cluster, as one node has seen it.
struct ClusterEvent: Sendable, Equatable {
  /// What happened: one of the names in docs/operations.md.
  var name: String
  /// RFC 3339.
  var time: String
  /// The other members of its document, each with the JSON of its value.
  var members: [Member]

  struct Member: Sendable, Equatable {
    var name: String
    var json: String
    init(_ name: String, _ text: String?) { (self.name, json) = (name, text?.quotedJSON ?? "null") }
    init(_ name: String, _ number: some FixedWidthInteger) { (self.name, json) = (name, String(number)) }
    init(_ name: String, _ flag: Bool) { (self.name, json) = (name, flag ? "true" : "false") }
    init(_ name: String, _ list: [String]) {
      (self.name, json) = (name, "[" + list.map(\.quotedJSON).joined(separator: ",") + "]")
    }
  }

  func text(id: String) -> String {
    let document = (["\"time\":\(time.quotedJSON)"] + members.map { "\($0.name.quotedJSON):\($0.json)" })
    return ServerSentEvent.text(id: id, name: name, json: "{\(document.joined(separator: ","))}")
  }
}
