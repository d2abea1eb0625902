internal import Desk
internal import Hummingbird
internal import Protocol

/// Changes of the running cluster: its members, who leads, who is drained. For admins.
struct ControlRoutes: RouteSet {
  let control: any ClusterControl

  var paths: [String] {
    [
      "/v1/cluster/members", "/v1/cluster/members/{name}", "/v1/cluster/leader", "/v1/nodes/{name}/drain",
      "/v1/snapshots", "/v1/archive/months/{month}/detach", "/v1/archive/months/{month}/attach",
      "/v1/archive/months/{month}/give-up",
      "/v1/archive/mend",
    ]
  }

  func methods(of path: String) -> String {
    switch path {
    case "/v1/cluster/members/{name}": "DELETE"
    case "/v1/nodes/{name}/drain": "DELETE, POST"
    default: "POST"
    }
  }

  private struct NewMember: Decodable {
    var id: UInt64
    var name: String?
    var peer: String
    var client: String
    var replaces: String?
  }
  private struct NewLeader: Decodable { var node: String? }
  private struct Transferred: Encodable {
    var from: String
    var to: String
    var milliseconds: Double
  }
  private struct MonthDetached: Encodable { var file: String }
  private struct MonthToMend: Decodable {
    var month: String?
    var after: String?
  }
  private struct MonthMended: Encodable {
    var month: String?
    var rows: UInt64
    var damage: String?
    var isWhole: Bool
  }
  private struct SnapshotMade: Encodable {
    var index: UInt64
    var node: String
  }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.post("/v1/cluster/members") { request, context in
      try context.requireClusterAdmin()
      let member = try await body(
        NewMember.self, of: request, example: #"{"id":4,"peer":"H:P","client":"http://H:P"}"#)
      let address = MemberAddress(
        id: member.id, name: member.name ?? "node\(member.id)", peerAddress: member.peer,
        clientURL: MemberAddress.trimmedURL(member.client))
      if let problem = address.problem { throw ProblemDetails.badRequest("\(problem).") }
      let change = member.replaces.map { MemberChange.replace($0, with: address) } ?? .add(address)
      return try await answer(change)
    }
    routes.delete("/v1/cluster/members/:name") { _, context in
      try context.requireClusterAdmin()
      let name = try context.parameters.require("name")
      return try await answer(.remove(name))
    }
    routes.post("/v1/cluster/leader") { request, context in
      try context.requireClusterAdmin()
      let wanted = try await body(NewLeader.self, of: request, example: #"{"node":"node2"}, or {}"#)
      return try await answered {
        let report = try await control.transferLeadership(to: wanted.node)
        return Transferred(from: report.from, to: report.to, milliseconds: report.milliseconds)
      }
    }
    routes.post("/v1/nodes/:name/drain") { _, context in
      try context.requireClusterAdmin()
      return try await drain(try context.parameters.require("name"), true)
    }
    routes.delete("/v1/nodes/:name/drain") { _, context in
      try context.requireClusterAdmin()
      return try await drain(try context.parameters.require("name"), false)
    }
    routes.post("/v1/snapshots") { _, context in
      try context.requireClusterAdmin()
      return try await answered {
        let report = try await control.snapshot()
        return SnapshotMade(index: report.index, node: report.node)
      }
    }
    routes.post("/v1/archive/months/:month/detach") { _, context in
      try context.requireClusterAdmin()
      let month = try context.parameters.require("month")
      return try await answered { MonthDetached(file: try await control.detachMonth(month)) }
    }
    routes.post("/v1/archive/months/:month/attach") { _, context in
      try context.requireClusterAdmin()
      let month = try context.parameters.require("month")
      return try await answered {
        try await control.attachMonth(month)
        return Changed(changed: true)
      }
    }
    routes.post("/v1/archive/months/:month/give-up") { _, context in
      try context.requireClusterAdmin()
      let month = try context.parameters.require("month")
      return try await answered {
        try await control.giveUpMonth(month)
        return Changed(changed: true)
      }
    }
    routes.post("/v1/archive/mend") { request, context in
      try context.requireClusterAdmin()
      let asked = try await body(MonthToMend.self, of: request, example: #"{"month":"2026-08"}, or {}"#)
      return try await answered {
        let found = try await control.mendArchive(month: asked.month, after: asked.after)
        return MonthMended(
          month: found.month, rows: found.rows, damage: found.damage, isWhole: found.isWhole)
      }
    }
  }

  /// 200 when it is done, 202 when it goes on by itself.
  private func answer(_ change: MemberChange) async throws -> Response {
    do {
      switch try await control.change(change) {
      case .unchanged: return try Response.json(MembersChanged(changed: false, state: "done"))
      case .done: return try Response.json(MembersChanged(changed: true, state: "done"))
      case .pending(let detail):
        return try Response.json(
          MembersChanged(changed: true, state: "pending", detail: detail, see: "/v1/cluster/status"),
          status: .accepted)
      }
    } catch let failure as ControlFailure {
      throw ProblemDetails(failure)
    }
  }

  private func drain(_ name: String, _ isDraining: Bool) async throws -> Response {
    try await answered {
      try await control.drain(name, isDraining)
      return Changed(changed: true)
    }
  }
}

extension ProblemDetails {
  /// A request that belongs to the leader names it, in a header of its own.
  init(_ failure: ControlFailure) {
    let text = "\(failure)."
    switch failure {
    case .notLeader(let leader?):
      self.init(
        status: 421, title: "Misdirected Request", code: "not_leader", detail: text,
        headers: [Header(.leader, leader.clientURL)])
    case .elsewhere(let node):
      self.init(
        status: 421, title: "Misdirected Request", code: "other_node", detail: text,
        headers: [Header(.leader, node.clientURL)])
    case .notLeader(nil): self = .unavailable(text, code: "no_leader", retryAfterSeconds: 1)
    case .notFound: self = .notFound(text)
    case .busy: self = .unavailable(text, code: "busy", retryAfterSeconds: 1)
    case .refused: self.init(status: 409, title: "Conflict", code: "refused", detail: text)
    }
  }
}
