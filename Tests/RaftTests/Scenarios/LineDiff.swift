/// What has to go (`-`) and to come (`+`) to make one list of lines of another.
enum LineDiff {
  static func lines(from old: [String], to new: [String]) -> [String] {
    // Lengths of the longest common subsequences of the rests: texts of a test are short.
    var common = Array(repeating: Array(repeating: 0, count: new.count + 1), count: old.count + 1)
    for left in old.indices.reversed() {
      for right in new.indices.reversed() {
        common[left][right] =
          old[left] == new[right]
          ? common[left + 1][right + 1] + 1 : max(common[left + 1][right], common[left][right + 1])
      }
    }
    var result: [String] = []
    var left = 0
    var right = 0
    while left < old.count || right < new.count {
      if left < old.count, right < new.count, old[left] == new[right] {
        result.append("  " + old[left])
        left += 1
        right += 1
      } else if left < old.count, right == new.count || common[left + 1][right] >= common[left][right + 1] {
        result.append("- " + old[left])
        left += 1
      } else {
        result.append("+ " + new[right])
        right += 1
      }
    }
    return result
  }
}
