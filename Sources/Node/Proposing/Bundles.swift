import Desk

/// What of a list has to stay together: what one node says in one session, in one go, goes into one entry and one frame.
/// Of two, the first could be lost and the second not, and what was said first would come behind it.
struct BundleKey: Hashable {
  let origin: ServerID
  let session: SessionID
}

/// Lists in pieces that each fit into one entry, or into one frame.
enum Bundles {
  /// - Parameters:
  ///   - maxCount: elements of a piece.
  ///   - maxBytes: bytes of a piece.
  ///   - bytes: an upper bound for an element.
  ///   - key: those with the same one stay together, next to one another and in their order; nil: on its own.
  /// - Returns: the elements in their order, but for those that are moved to the first one with their key, which happens
  ///   only when there is more than one piece. A piece is above a bound only when it holds a single element, or all
  ///   of a single key.
  static func cut<Element>(
    _ elements: [Element], maxCount: Int, maxBytes: Int, bytes: (Element) -> Int,
    key: (Element) -> BundleKey? = { _ in nil }
  ) -> [[Element]] {
    let sizes = elements.map(bytes)
    if elements.count <= maxCount, sizes.reduce(0, +) <= maxBytes { return elements.isEmpty ? [] : [elements] }
    var units: [(places: [Int], bytes: Int)] = []
    var unitOf: [BundleKey: Int] = [:]
    for place in elements.indices {
      guard let key = key(elements[place]) else {
        units.append(([place], sizes[place]))
        continue
      }
      if let unit = unitOf[key] {
        units[unit].places.append(place)
        units[unit].bytes += sizes[place]
      } else {
        unitOf[key] = units.count
        units.append(([place], sizes[place]))
      }
    }
    var pieces: [[Element]] = []
    var piece: [Element] = []
    var size = 0
    for unit in units {
      if !piece.isEmpty, piece.count + unit.places.count > maxCount || size + unit.bytes > maxBytes {
        pieces.append(piece)
        piece = []
        size = 0
      }
      for place in unit.places { piece.append(elements[place]) }
      size += unit.bytes
    }
    if !piece.isEmpty { pieces.append(piece) }
    return pieces
  }
}
