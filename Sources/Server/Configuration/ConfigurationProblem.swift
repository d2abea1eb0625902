/// One thing that is wrong with a configuration: which key, what it says, where, and what is allowed.
package struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
  package var key: String
  /// As it was given; nil for a secret, or when nothing was given.
  package var value: String?
  /// Which source said so: `file cluster/node1.json`, `environment SWITCHBOARD_NODE_ID`, `flag --node-id`.
  package var source: String?
  package var problem: String

  package init(key: String, value: String? = nil, source: String? = nil, problem: String) {
    self.key = key
    self.value = value
    self.source = source
    self.problem = problem
  }

  package var description: String {
    var text = key
    if let value { text += " = \(value.count > 120 ? value.prefix(120) + "..." : value)" }
    text += ": \(problem)"
    if let source { text += " (\(source))" }
    return text
  }
}

/// All that is wrong with a configuration, at once.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  package var problems: [ConfigurationProblem]
  package init(_ problems: [ConfigurationProblem]) { self.problems = problems }

  package var description: String {
    let title =
      problems.count == 1
      ? "The configuration has a problem:" : "The configuration has \(problems.count) problems:"
    return ([title] + problems.map { "  \($0)" }).joined(separator: "\n")
  }
}
