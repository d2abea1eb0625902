/// A transcript: commands to a cluster, and what they are expected to say. See `Transcripts/README.md`.
struct Transcript {
  struct Line {
    /// From 1.
    let number: Int
    let text: String
  }

  /// What stands together: comments and commands, and after `----` what the commands say.
  struct Block {
    var comments: [String] = []
    var commands: [Line] = []
    var expected: [String] = []
  }

  var blocks: [Block] = []

  static let separator = "----"

  init(_ text: String) {
    var block = Block()
    var isAnswer = false
    var number = 0
    for piece in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let line = String(piece).trimmingEnd
      if line.isEmpty {
        add(block)
        block = Block()
        isAnswer = false
      } else if isAnswer {
        block.expected.append(line)
      } else if line == Transcript.separator {
        isAnswer = true
      } else if line.hasPrefix("#") {
        block.comments.append(line)
      } else {
        block.commands.append(Line(number: number, text: line))
      }
    }
    add(block)
  }

  private mutating func add(_ block: Block) {
    if block.comments.isEmpty && block.commands.isEmpty && block.expected.isEmpty { return }
    blocks.append(block)
  }

  var text: String {
    blocks.map { block in
      var lines = block.comments + block.commands.map(\.text)
      if !block.expected.isEmpty { lines += [Transcript.separator] + block.expected }
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }
}

extension String {
  /// Without the blanks at its end.
  var trimmingEnd: String {
    var text = self[...]
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return String(text)
  }

  /// With blanks at its end, up to a width.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
