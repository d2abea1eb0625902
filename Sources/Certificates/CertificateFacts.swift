package import NIOSSL

/// What a certificate says of itself, as far as an operator has to know it.
package struct CertificateFacts: Hashable, Sendable {
  /// DNS names and addresses that it is for.
  package var names: [String]
  /// Seconds since 1970, in between it is good.
  package var notBefore: Int64
  package var notAfter: Int64

  package init(_ certificate: NIOSSLCertificate) {
    names = certificate._subjectAlternativeNames().compactMap { name in
      name.contents.withUnsafeBufferPointer { bytes in
        switch name.nameType {
        case .dnsName: String(validating: bytes, as: UTF8.self)
        case .ipAddress: Self.address(bytes)
        default: nil
        }
      }
    }
    notBefore = Int64(certificate.notValidBefore)
    notAfter = Int64(certificate.notValidAfter)
  }

  private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    switch bytes.count {
    case 4: bytes.map(String.init).joined(separator: ".")
    case 16:
      stride(from: 0, to: 16, by: 2)
        .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    default: nil
    }
  }

  /// Whole days that are left, rounded down; below 0 once it has ended.
  package func daysLeft(at seconds: Int64) -> Int {
    let left = notAfter - seconds
    return Int((left >= 0 ? left : left - 86_399) / 86_400)
  }
}

/// A moment as people write it, in UTC: `2027-03-01 12:00 UTC`.
package func dateText(_ seconds: Int64) -> String {
  // Days since 1970 to a date of the civil calendar, by eras of 400 years.
  let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
  let time = seconds - days * 86_400
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let month = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * month + 2) / 5 + 1
  let civilMonth = month < 10 ? month + 3 : month - 9
  let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
  func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(year)-\(two(civilMonth))-\(two(day)) \(two(time / 3600)):\(two(time % 3600 / 60)) UTC"
}
