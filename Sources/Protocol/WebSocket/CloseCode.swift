/// Why a WebSocket connection ends: RFC 6455, section 7.4, and ours: 4000 to 4499 ask the client to reconnect,
/// from 4500 on it must not.
package struct CloseCode: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let normal = CloseCode(rawValue: 1000)
  package static let goingAway = CloseCode(rawValue: 1001)
  package static let protocolError = CloseCode(rawValue: 1002)
  package static let noStatus = CloseCode(rawValue: 1005)
  package static let abnormal = CloseCode(rawValue: 1006)
  package static let notUTF8 = CloseCode(rawValue: 1007)
  package static let tooBig = CloseCode(rawValue: 1009)
  package static let slowOrSilent = CloseCode(rawValue: 4008)
  package static let tryAnotherNode = CloseCode(rawValue: 4013)
  package static let tooFast = CloseCode(rawValue: 4029)
  package static let unauthorized = CloseCode(rawValue: 4501)
  package static let replaced = CloseCode(rawValue: 4509)
  package static let tooManyErrors = CloseCode(rawValue: 4510)

  /// Whether a client must not come back: another try would end the same way.
  package static func isFinal(_ code: Int) -> Bool { (4500...4999).contains(code) }

  /// Whether a client may send it: the registered codes but those that never go over the wire (RFC 6455,
  /// section 7.4.1), those of libraries (3000 on) and of applications (4000 on).
  package var isAllowedOnTheWire: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
