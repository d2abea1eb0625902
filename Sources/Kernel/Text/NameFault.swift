/// Why a text cannot be the name of somebody or something. Each would let one name look like another, or change how the
/// text around it looks in a terminal, a log or a browser.
package enum NameFault: Error, Hashable, Sendable, CustomStringConvertible {
  case control(Unicode.Scalar)
  /// Changes the direction in which the text around it is written.
  case direction(Unicode.Scalar)
  case invisible(Unicode.Scalar)
  case spaceAtEdge
  /// White space that looks like the plain one.
  case unusualSpace(Unicode.Scalar)

  /// Goes on from what is named: "`sub` contains ...".
  package var description: String {
    switch self {
    case .control(let scalar): "contains a control character (\(Self.number(scalar)))"
    case .direction(let scalar):
      "contains a character that changes the direction of writing (\(Self.number(scalar)))"
    case .invisible(let scalar): "contains an invisible character (\(Self.number(scalar)))"
    case .spaceAtEdge: "begins or ends with white space"
    case .unusualSpace(let scalar):
      "contains white space other than the plain one (\(Self.number(scalar)))"
    }
  }

  private static func number(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension NameFault {
  /// What is wrong with a text by which somebody or something is known (the `sub` of a token, an agent, a skill, a
  /// channel). nil: nothing.
  package static func inIdentity(_ text: String) -> NameFault? {
    if isPlain(text) { return nil }
    for scalar in text.unicodeScalars {
      if let fault = always(scalar) { return fault }
      if isInvisible(scalar) { return .invisible(scalar) }
      if scalar.properties.isWhitespace, scalar != " " { return .unusualSpace(scalar) }
    }
    let isAtEdge = text.utf8.first == UInt8(ascii: " ") || text.utf8.last == UInt8(ascii: " ")
    return isAtEdge ? .spaceAtEdge : nil
  }

  /// What is wrong with a text that is shown as somebody's name. Less is: what follows a letter or an emoji to choose
  /// its form may stand there.
  package static func inShownName(_ text: String) -> NameFault? {
    if isPlain(text) { return nil }
    for scalar in text.unicodeScalars {
      if let fault = always(scalar) { return fault }
    }
    return nil
  }

  /// Visible ASCII, with plain spaces in between alone: what nearly all names are.
  private static func isPlain(_ text: String) -> Bool {
    text.withBytes { bytes in
      bytes.first != UInt8(ascii: " ") && bytes.last != UInt8(ascii: " ")
        && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }
  }

  /// What no name has.
  private static func always(_ scalar: Unicode.Scalar) -> NameFault? {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: .control(scalar)
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x206F: .direction(scalar)
    case 0x00AD, 0x180E, 0x200B...0x200D, 0x2060...0x2065, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
      .invisible(scalar)
    default: nil
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Blank although they count as letters or symbols.
    case 0x2800, 0x16FE4, 0x1D159: true
    default:
      scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isNoncharacterCodePoint
        || scalar.properties.generalCategory == .format
    }
  }
}
