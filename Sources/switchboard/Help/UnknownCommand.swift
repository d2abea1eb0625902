import ArgumentParser

/// A word that stands where a subcommand is expected and is none.
struct UnknownCommand {
  /// The commands before it.
  var path: [String]
  var word: String
  var known: [String]

  /// - Returns: nil when there is none. The parser itself overlooks it when `--help` stands behind it.
  init?(_ arguments: [String], root: any ParsableCommand.Type) {
    var command = root
    var path = [root._commandName]
    var isHelp = false
    for word in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !word.hasPrefix("-") else { return nil }
      if let next = subcommands.first(where: {
        $0._commandName == word || $0.configuration.aliases.contains(word)
      }) {
        command = next
        path.append(word)
      } else if word == "help", path.count == 1, !isHelp {
        isHelp = true
      } else {
        self.path = path
        self.word = word
        known = subcommands.map { $0._commandName }
        return
      }
    }
    return nil
  }

  var description: String {
    let prefix = path.joined(separator: " ")
    let near = known.map { (name: $0, distance: Self.distance(word, $0)) }.min { $0.distance < $1.distance }
    let start = known.first { word.count >= 2 && $0.hasPrefix(word) }
    let hint = start ?? near.flatMap { $0.distance <= max(1, $0.name.count / 3) ? $0.name : nil }
    return """
      Error: '\(Terminal.harmless(word))' is no command of '\(prefix)'.\(hint.map { " Did you mean '\(prefix) \($0)'?" } ?? "")
      Commands: \(known.joined(separator: ", "))
        See '\(prefix) --help' for more information.
      """
  }

  /// How many letters have to be put in, taken out or changed.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for letter in left.prefix(64) {
      var diagonal = row[0]
      row[0] += 1
      for place in right.indices {
        let next = min(row[place] + 1, row[place + 1] + 1, diagonal + (letter == right[place] ? 0 : 1))
        diagonal = row[place + 1]
        row[place + 1] = next
      }
    }
    return row[right.count]
  }
}
