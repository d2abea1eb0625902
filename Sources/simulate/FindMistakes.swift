import ArgumentParser
import Simulation

/// `simulate find-mistakes`: whether the checks can fail.
struct FindMistakes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-mistakes",
    abstract: "Build every known mistake in, one at a time, and look whether it is found.",
    discussion: """
      Each mistake has a window of seeds, and is to be found within it. Exits with 1 when one is not: then a check has
      gone blind, or what the seeds tell has changed and the window has to move.
      """)

  @ParentCommand var simulate: Simulate

  @Argument(help: "The mistakes to look for, by name; all of them without any.")
  var names: [String] = []

  func validate() throws {
    let known = Set(Self.windows.map(\.name))
    for name in names where !known.contains(name) {
      throw ValidationError("no window is known for \(name): simulate --mistakes lists the mistakes")
    }
  }

  func run() async throws {
    let wanted = Self.windows.filter { names.isEmpty || names.contains($0.name) }
    let hidden = await withTaskGroup(of: (MistakeWindow, UInt64?).self) { group in
      var rest = wanted.makeIterator()
      for _ in 0..<simulate.jobs {
        if let window = rest.next() { group.addTask { (window, window.find()) } }
      }
      var hidden: [String] = []
      for await (window, seed) in group {
        if let seed {
          print(
            "\(window.name): seed \(seed), number \(seed - window.seeds.lowerBound + 1) of \(window.seeds.count)"
          )
        } else {
          print("\(window.name): NOT FOUND in seeds \(window.seeds)")
          hidden.append(window.name)
        }
        if let window = rest.next() { group.addTask { (window, window.find()) } }
      }
      return hidden
    }
    print("\(wanted.count - hidden.count) of \(wanted.count) mistakes found")
    if !hidden.isEmpty { throw ExitCode(1) }
  }

  private static let windows = MistakeWindow.common + MistakeWindow.rare
}
