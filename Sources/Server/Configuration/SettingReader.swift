import Foundation
import Protocol

/// Reads typed values and gathers what is wrong with them. A value that is wrong gives its default, so that reading
/// goes on and every problem is found in one go.
struct SettingReader {
  let sources: SettingSources
  var problems: [ConfigurationProblem] = []
  /// Files that hold secrets.
  var secretFiles: [String] = []

  init(sources: SettingSources) {
    self.sources = sources
    problems = sources.file?.problems ?? []
  }

  mutating func report(_ setting: Setting, _ found: SettingSources.Found?, _ problem: String) {
    problems.append(
      ConfigurationProblem(
        key: setting.key, value: setting.isSecret ? nil : found?.text, source: found?.source, problem: problem))
  }

  private mutating func wrong(_ setting: Setting, _ found: SettingSources.Found) {
    report(setting, found, "is not allowed; allowed: \(setting.kind.allowed)")
  }

  mutating func integer(_ setting: Setting) -> Int {
    let fallback = setting.fallback.flatMap { Self.parse($0, setting.kind) } ?? 0
    guard let found = sources.text(setting) else {
      if setting.required { missing(setting) }
      return fallback
    }
    guard let value = Self.parse(found.text, setting.kind), Self.isWithin(value, setting.kind) else {
      wrong(setting, found)
      return fallback
    }
    return value
  }

  /// Nil when nothing was given.
  mutating func optionalInteger(_ setting: Setting) -> Int? {
    sources.text(setting) == nil ? nil : integer(setting)
  }

  mutating func boolean(_ setting: Setting) -> Bool {
    guard let found = sources.text(setting) else { return setting.fallback == "true" }
    switch found.text.lowercased() {
    case "true", "yes", "1", "on": return true
    case "false", "no", "0", "off": return false
    default:
      wrong(setting, found)
      return setting.fallback == "true"
    }
  }

  mutating func name(_ setting: Setting) -> String? {
    guard let found = sources.text(setting) else {
      if setting.required { missing(setting) }
      return setting.fallback
    }
    if case .text(let allowed?) = setting.kind {
      guard allowed.contains(found.text.lowercased()) else {
        let hint =
          SettingCatalog.nearest(to: found.text, among: allowed).map { "; did you mean \"\($0)\"?" } ?? ""
        report(setting, found, "is not allowed; allowed: \(setting.kind.allowed)\(hint)")
        return setting.fallback
      }
      return found.text.lowercased()
    }
    guard Self.isName(found.text) else {
      wrong(setting, found)
      return setting.fallback
    }
    return found.text
  }

  /// The address of an interface, or a host name.
  mutating func host(_ setting: Setting) -> String {
    let fallback = setting.fallback ?? ""
    guard let found = sources.text(setting) else { return fallback }
    guard AddressForm.isHost(found.text) else {
      report(setting, found, "is not allowed; allowed: an address or a host name, without a port")
      return fallback
    }
    return found.text
  }

  mutating func path(_ setting: Setting) -> String? {
    guard let found = sources.text(setting) else {
      if setting.required { missing(setting) }
      return nil
    }
    guard !found.text.isEmpty, !found.text.utf8.contains(0) else {
      wrong(setting, found)
      return nil
    }
    return found.text
  }

  mutating func list(_ setting: Setting) -> [String] {
    guard let found = sources.text(setting) else { return [] }
    return found.text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
      !$0.isEmpty
    }
  }

  mutating func missing(_ setting: Setting) {
    problems.append(
      ConfigurationProblem(
        key: setting.key,
        problem:
          "is missing; give it in the file, as \(setting.environmentName), or as a flag: \(setting.kind.allowed)"
      ))
  }

  // MARK: Forms

  private static func parse(_ text: String, _ kind: SettingKind) -> Int? {
    switch kind {
    case .bytes: Quantity.bytes(text)
    case .milliseconds: Quantity.milliseconds(text)
    default: Quantity.integer(text)
    }
  }

  private static func isWithin(_ value: Int, _ kind: SettingKind) -> Bool {
    switch kind {
    case .integer(let range, let zeroIsOff), .bytes(let range, let zeroIsOff):
      range.contains(value) || zeroIsOff && value == 0
    case .milliseconds(let range): range.contains(value)
    case .port: (1...65535).contains(value)
    default: true
    }
  }

  static func isName(_ text: String) -> Bool { MemberAddress.isName(text) }
}

/// The forms of addresses, as those of members.
enum AddressForm {
  /// An IPv4 or IPv6 address or a host name, without a port.
  static func isHost(_ text: String) -> Bool { MemberAddress.isHost(text) }

  /// `host:port`; an IPv6 address stands in brackets.
  static func isHostAndPort(_ text: String) -> Bool { MemberAddress.isHostAndPort(text) }

  /// `http://host[:port][/path]`, or https.
  static func isClientURL(_ text: String) -> Bool { MemberAddress.isClientURL(text) }

  /// Whether nobody but programs of this machine reaches what listens there.
  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1"
      || host.hasPrefix("127.") && host.split(separator: ".").count == 4
        && host.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
  }
}
