internal import Kernel

/// The one way in which a desk is changed: with what stands above it lent to it, and nothing of another one in its reach.
extension ReplicatedState {
  /// - Parameter missing: the answer when there is no such desk.
  @inline(__always)
  mutating func change(
    _ number: DeskNumber, else missing: Refusal, _ change: (inout DeskState) -> Answer
  ) -> Answer {
    self.change(number, change) ?? .refused(missing)
  }

  /// - Parameter evenDeleted: also one that nobody finds any more.
  /// - Returns: nil: there is no such desk.
  @inline(__always) @discardableResult
  mutating func change<Result>(
    _ number: DeskNumber, evenDeleted: Bool = false, _ change: (inout DeskState) -> Result
  ) -> Result? {
    guard number == .main else { return changeOther(number, evenDeleted: evenDeleted, change) }
    main.borrow(&servers, &pullRoom, level: level, now: now)
    let result = change(&main)
    main.giveBack(&servers, &pullRoom)
    return result
  }

  private mutating func changeOther<Result>(
    _ number: DeskNumber, evenDeleted: Bool, _ change: (inout DeskState) -> Result
  ) -> Result? {
    guard let place = place(of: number, evenDeleted: evenDeleted) else { return nil }
    let before = others[place].duty
    others[place].borrow(&servers, &pullRoom, level: level, now: now)
    let result = change(&others[place])
    others[place].giveBack(&servers, &pullRoom)
    let after = others[place].duty
    if before != after {
      if let before { duties.remove(before) }
      if let after { duties.insert(after) }
    }
    return result
  }

  /// Where a desk other than the main one is; nil: there is none of that number.
  @inline(__always)
  func place(of number: DeskNumber, evenDeleted: Bool = false) -> Int? {
    let place = Int(number.rawValue) - 1
    guard others.indices.contains(place), !others[place].isVacant else { return nil }
    return evenDeleted || !others[place].isDeleted ? place : nil
  }
}

extension DeskState {
  @inline(__always)
  fileprivate mutating func borrow(
    _ servers: inout ServerTables, _ pullRoom: inout Int, level: Level, now: UInt64
  ) {
    swap(&self.servers, &servers)
    (self.pullRoom, self.level, self.now) = (pullRoom, level, now)
  }

  @inline(__always)
  fileprivate mutating func giveBack(_ servers: inout ServerTables, _ pullRoom: inout Int) {
    swap(&self.servers, &servers)
    pullRoom = self.pullRoom
  }
}
