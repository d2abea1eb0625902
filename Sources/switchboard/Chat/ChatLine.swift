import SwitchboardClient

/// What somebody typed.
enum ChatLine: Hashable {
  case say(String)
  case quit
  case close
  case help
  case sessions
  case who
  case open
  case choose(String)
  case join(String)
  case history(Int)
  case availability(AgentAvailability)
  case transfer(TransferTarget)
  /// To what one is asked for; nil: the one that there is.
  case answer(accepts: Bool, String?)
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
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    switch (words[0], words.count) {
    case ("/quit", 1), ("/exit", 1): self = .quit
    case ("/close", 1): self = .close
    case ("/help", 1): self = .help
    case ("/sessions", 1): self = .sessions
    case ("/who", 1): self = .who
    case ("/open", 1): self = .open
    case ("/online", 1): self = .availability(.online)
    case ("/busy", 1): self = .availability(.busy)
    case ("/away", 1): self = .availability(.away)
    case ("/session", 2): self = .choose(words[1])
    case ("/join", 2): self = .join(words[1])
    case ("/history", 1): self = .history(20)
    case ("/history", 2) where Int(words[1]).map((1...500).contains) ?? false:
      self = .history(Int(words[1]) ?? 20)
    case ("/transfer", 3) where words[1] == "agent": self = .transfer(.agent(words[2]))
    case ("/transfer", 3) where words[1] == "skill": self = .transfer(.skill(words[2]))
    case ("/accept", 1...2): self = .answer(accepts: true, words.dropFirst().first)
    case ("/decline", 1...2): self = .answer(accepts: false, words.dropFirst().first)
    default: self = .unknown(words[0])
    }
  }

  /// Every command, for completion, with how it is written.
  static let usage: [String: String] = [
    "/close": "/close", "/quit": "/quit", "/exit": "/exit", "/help": "/help", "/sessions": "/sessions",
    "/who": "/who", "/open": "/open", "/online": "/online", "/busy": "/busy", "/away": "/away",
    "/session": "/session ID or NAME", "/join": "/join ID",
    "/history": "/history, or /history 50 (at most 500)",
    "/transfer": "/transfer agent ID, or /transfer skill NAME",
    "/accept": "/accept, or /accept ID", "/decline": "/decline, or /decline ID",
  ]

  static let helpText = """
    /close        end the session            /quit    leave; the session stays
    /sessions     yours, and the queue       /session ID or NAME   talk in that one
    /history 50   what was said              /who     who is there
    /open         a new session (customers)  /join ID   follow a session (supervisors, agents)
    /online, /busy, /away                    take new sessions, or none (agents)
    /accept, /decline                        what you are asked for (agents); with an ID where there are several
    /transfer agent ID, /transfer skill NAME   hand the session on
    //text        say a text that begins with a slash
    Ctrl-T: the line is for the next session. Tab completes. Up and down: what you said before.
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
