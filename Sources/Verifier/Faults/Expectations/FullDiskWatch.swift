/// What must come about while the leader's disk is full: another node leads, writes go on, everybody is told.
struct FullDiskWatch: Sendable {
  /// How long each of them may take, in seconds.
  static let patience = 15.0

  /// Whose disk is full.
  let node: String
  private(set) var newLeader: String?
  private(set) var isWritten = false
  /// Nodes that have said it.
  private(set) var told: Set<String> = []
  private var nodes: Set<String> = []

  init(node: String) { self.node = node }

  /// - Parameter isWritten: something that was said since the disk is full was acknowledged.
  mutating func saw(_ views: [(node: String, status: NodeStatus?)], isWritten: Bool) {
    self.isWritten = self.isWritten || isWritten
    for (name, status) in views {
      nodes.insert(name)
      guard let status else { continue }
      if status.leader == status.observedBy, name != node { newLeader = name }
      if status.problems?.contains(where: { $0.code == "disk_full" && $0.node == node }) == true {
        told.insert(name)
      }
    }
  }

  var isFulfilled: Bool { violations.isEmpty }

  var violations: [Violation] {
    let time = "\(Int(Self.patience)) s"
    var found: [Violation] = []
    if newLeader == nil {
      found.append(Violation("full disk", "nobody led in place of \(node) within \(time)"))
    }
    if !isWritten {
      found.append(
        Violation("full disk", "nothing was acknowledged within \(time) of the disk of \(node) full"))
    }
    let silent = nodes.subtracting(told).sorted()
    if nodes.isEmpty || !silent.isEmpty {
      found.append(
        Violation(
          "full disk",
          "\(nodes.isEmpty ? "nobody" : silent.joined(separator: " ")) did not say disk_full of \(node) within \(time)"
        ))
    }
    return found
  }
}
