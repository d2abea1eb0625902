import Raft

/// A command of a transcript that cannot be carried out.
struct ScenarioError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The words of one command, taken one after the other.
struct Words {
  private var rest: [String]

  init(_ line: String) { rest = line.split(separator: " ").map(String.init) }

  var isEmpty: Bool { rest.isEmpty }

  mutating func next(_ meaning: String) throws(ScenarioError) -> String {
    if rest.isEmpty { throw ScenarioError("\(meaning) is missing") }
    return rest.removeFirst()
  }

  /// Takes the next word if it is this one.
  mutating func take(_ word: String) -> Bool {
    guard rest.first == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func takeAll() -> [String] {
    defer { rest = [] }
    return rest
  }

  mutating func number(_ meaning: String) throws(ScenarioError) -> UInt64 {
    let word = try next(meaning)
    guard let value = UInt64(word) else { throw ScenarioError("\(word) is not \(meaning)") }
    return value
  }

  mutating func count(_ meaning: String, or standard: Int) throws(ScenarioError) -> Int {
    isEmpty ? standard : Int(try number(meaning))
  }

  mutating func node() throws(ScenarioError) -> NodeID { NodeID(try number("the number of a node")) }

  /// The node numbers that come next, at least one.
  mutating func nodes() throws(ScenarioError) -> [NodeID] {
    var nodes = [try node()]
    while let word = rest.first, UInt64(word) != nil { nodes.append(try node()) }
    return nodes
  }

  mutating func nodeIfAny() throws(ScenarioError) -> NodeID? { isEmpty ? nil : try node() }

  func end() throws(ScenarioError) {
    if let word = rest.first { throw ScenarioError("\(word) is too much") }
  }
}
