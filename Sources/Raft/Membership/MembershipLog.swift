/// The configurations that stand in the log, by index. The newest is in effect from the moment it is appended,
/// committed or not (paper, section 6); one that is truncated gives way to the one before.
struct MembershipLog: Sendable {
  struct Item: Sendable {
    let index: LogIndex
    let membership: Membership
  }

  /// The first is that of the snapshot, or the first one of the group; never empty.
  private var items: [Item]

  init(base: Membership, at index: LogIndex) { items = [Item(index: index, membership: base)] }

  var newest: Item { items[items.count - 1] }

  mutating func append(_ membership: Membership, at index: LogIndex) {
    items.append(Item(index: index, membership: membership))
  }

  /// - Returns: whether another one is in effect now.
  mutating func truncate(from index: LogIndex) -> Bool {
    let before = items.count
    while items.count > 1, newest.index >= index { items.removeLast() }
    return items.count != before
  }

  /// Forgets those that nothing from `index` on refers to.
  mutating func compact(through index: LogIndex) {
    while items.count > 1, items[1].index <= index { items.removeFirst() }
  }

  /// The one in effect at `index`.
  func membership(at index: LogIndex) -> Membership {
    items.last { $0.index <= index }?.membership ?? items[0].membership
  }
}
