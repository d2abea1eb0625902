import Protocol

/// Reads the members, from the file's objects or from the short form of flags and the environment.
struct MemberList {
  private let setting = SettingCatalog.members

  func read(_ reader: inout SettingReader) -> [ServerConfiguration.Member] {
    let members: [ServerConfiguration.Member]
    let found = reader.sources.text(setting)
    if let found {
      members = short(found, &reader)
    } else if let objects = reader.sources.file?.objects[setting.key] {
      members = objects.enumerated().compactMap { object($1, at: $0, &reader) }
    } else {
      if !reader.problems.contains(where: { $0.key == setting.key }) { reader.missing(setting) }
      return []
    }
    if members.isEmpty, !reader.problems.contains(where: { $0.key.hasPrefix(setting.key) }) {
      reader.report(setting, found, "is empty; allowed: \(setting.kind.allowed)")
    }
    unique(members, \.id, "id", &reader)
    unique(members, \.name, "name", &reader)
    unique(members, \.peer, "peer", &reader)
    unique(members, \.client, "client", &reader)
    return members.sorted { $0.id < $1.id }
  }

  private func short(
    _ found: SettingSources.Found, _ reader: inout SettingReader
  ) -> [ServerConfiguration.Member] {
    found.text.split(separator: ",").compactMap { item in
      let parts = item.split(separator: "=", maxSplits: 2).map { $0.filter { $0 != " " } }
      guard parts.count == 3, let id = Quantity.integer(parts[0]), (1...65535).contains(id),
        AddressForm.isHostAndPort(parts[1]), AddressForm.isClientURL(parts[2])
      else {
        reader.report(setting, found, "has \"\(item)\"; allowed: \(setting.kind.allowed)")
        return nil
      }
      return ServerConfiguration.Member(
        id: UInt64(id), name: "node\(id)", peer: parts[1], client: MemberAddress.trimmedURL(parts[2]))
    }
  }

  private func object(
    _ value: FileValue, at place: Int, _ reader: inout SettingReader
  ) -> ServerConfiguration.Member? {
    let key = "\(setting.key)[\(place)]"
    let source = reader.sources.file?.source
    func problem(_ name: String, _ value: FileValue?, _ text: String) {
      reader.problems.append(
        ConfigurationProblem(
          key: name.isEmpty ? key : key + "." + name, value: value?.plain, source: source, problem: text))
    }
    guard case .object(let fields) = value else {
      problem("", value, "is \(value.name); allowed: \(setting.kind.allowed)")
      return nil
    }
    let known = ["id", "name", "peer", "client"]
    for name in fields.keys.sorted() where !known.contains(name) {
      let hint = SettingCatalog.nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
      problem(name, fields[name], "is not a known key" + hint)
    }
    var isGood = true
    var id = 0
    if case .number(let text)? = fields["id"], let number = Quantity.integer(text), (1...65535).contains(number)
    {
      id = number
    } else {
      problem("id", fields["id"], "must be a whole number, 1 to 65535")
      isGood = false
    }
    func text(_ name: String, _ allowed: String, _ check: (String) -> Bool) -> String {
      if case .text(let text)? = fields[name], check(text) { return text }
      problem(name, fields[name], "must be \(allowed)")
      isGood = false
      return ""
    }
    let peer = text("peer", "\"host:port\"", AddressForm.isHostAndPort)
    let client = MemberAddress.trimmedURL(
      text("client", "\"\(MemberAddress.clientURLForm)\"", AddressForm.isClientURL))
    let name =
      fields["name"] == nil ? "node\(id)" : text("name", "letters, digits, . _ -", SettingReader.isName)
    return isGood ? ServerConfiguration.Member(id: UInt64(id), name: name, peer: peer, client: client) : nil
  }

  private func unique<Value: Hashable>(
    _ members: [ServerConfiguration.Member], _ part: KeyPath<ServerConfiguration.Member, Value>, _ name: String,
    _ reader: inout SettingReader
  ) {
    var seen: Set<Value> = []
    for member in members where !seen.insert(member[keyPath: part]).inserted {
      reader.problems.append(
        ConfigurationProblem(
          key: setting.key, problem: "two members have the \(name) \(member[keyPath: part]); each needs its own"
        ))
    }
  }
}
