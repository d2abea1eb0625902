import Foundation
import Kernel
import Protocol

/// Where a file is no JSON, in words: the decoder of the system's library says only that it is none.
struct FileFault: CustomStringConvertible {
  var line: Int
  /// In characters, from 1.
  var column: Int
  var reason: String

  var description: String { "line \(line), column \(column): \(reason)" }

  /// - Returns: nil when all of it is JSON.
  init?(in data: Data) {
    if let text = String(validating: data, as: UTF8.self) {
      // A mark of the order of bytes, which some editors write, is no part of JSON (RFC 8259, section 8.1).
      if text.unicodeScalars.first == "\u{feff}" {
        self.init(data, 0, "there is a byte order mark; save the file as UTF-8 without one")
        return
      }
      guard let fault = Self.fault(in: data) else { return nil }
      self.init(data, fault.position, "\(fault.reason)")
    } else {
      var place = data.startIndex
      while place < data.endIndex {
        let next = data[place...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.endIndex
        if String(validating: data[place..<next], as: UTF8.self) == nil { break }
        place = next
      }
      self.init(data, place - data.startIndex, "this line is not UTF-8")
    }
  }

  private init(_ data: Data, _ position: Int, _ reason: String) {
    let before = data.prefix(position)
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? before.startIndex
    line = before.count { $0 == UInt8(ascii: "\n") } + 1
    column = String(decoding: before[start...], as: UTF8.self).count + 1
    self.reason = reason
  }

  private static func fault(in data: Data) -> JSONFault? {
    data.withUnsafeBytes { bytes -> JSONFault? in
      var reader = JSONReader(bytes)
      do throws(JSONFault) {
        _ = try reader.value(depth: 0)
        try reader.expectEnd()
        return nil
      } catch {
        return error
      }
    }
  }
}
