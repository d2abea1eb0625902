import SwitchboardClient

/// What somebody typed.
enum ChatLine: Hashable {
  case say(String)
  case quit
  case close
  case help
  case sessions
  case choose(String)
  case transfer(TransferTarget)
  case unknown(String)
  case nothing

  init(_ line: String) {
    let text = line.trimming()
    guard !text.isEmpty else {
      self = .nothing
      return
    }
    guard text.hasPrefix("/") else {
      self = .say(line)
      return
    }
    // Two slashes say a text that begins with one.
    if text.hasPrefix("//") {
      self = .say(String(text.dropFirst()))
      return
    }
    let words = text.split(separator: " ")
    switch words[0] {
    case "/quit", "/exit": self = .quit
    case "/close": self = .close
    case "/help": self = .help
    case "/sessions": self = .sessions
    case "/session" where words.count == 2: self = .choose(String(words[1]))
    case "/transfer" where words.count == 3 && words[1] == "agent": self = .transfer(.agent(String(words[2])))
    case "/transfer" where words.count == 3 && words[1] == "skill": self = .transfer(.skill(String(words[2])))
    default: self = .unknown(String(words[0]))
    }
  }

  static let helpText = """
    /close      end the session      /quit   leave; the session stays
    /sessions   what you serve       /session ID   talk in that one
    /transfer agent ID, /transfer skill NAME   hand the session on (agents)
    //text      say a text that begins with a slash
    """
}

extension String {
  fileprivate func trimming() -> Substring {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else {
      return ""
    }
    return self[first...last]
  }
}
