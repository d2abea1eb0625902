internal import Desk
internal import Hummingbird
internal import Protocol

/// Faults of one node from within, for tests; refused unless it was started with `development.faults`. For admins.
struct DevelopmentRoutes: RouteSet {
  let control: any ClusterControl

  var paths: [String] { ["/v1/development/partition", "/v1/development/clock", "/v1/development/disk"] }
  func methods(of path: String) -> String { "PUT" }

  private struct Partition: Decodable {
    var nodes: [String]
    var direction: String?
  }
  private struct Clock: Decodable { var ahead_ms: Int64 }
  private struct Disk: Decodable {
    var sync_delay_ms: Int?
    var full: Bool?
  }

  func add(to routes: some RouterMethods<APIContext>) {
    routes.put("/v1/development/partition") { request, context in
      try context.requireClusterAdmin()
      let partition = try await body(
        Partition.self, of: request, example: #"{"nodes":["node2"],"direction":"both"}"#)
      guard let direction = CutDirection(rawValue: partition.direction ?? "both") else {
        let allowed = CutDirection.allCases.map(\.rawValue).joined(separator: ", ")
        throw ProblemDetails.badRequest("\"direction\" is one of: \(allowed).")
      }
      return try await inject(.partition(nodes: partition.nodes, direction))
    }
    routes.put("/v1/development/clock") { request, context in
      try context.requireClusterAdmin()
      let clock = try await body(Clock.self, of: request, example: #"{"ahead_ms":-60000}"#)
      let furthest = DevelopmentFault.furthestClock
      guard (-furthest...furthest).contains(clock.ahead_ms) else {
        throw ProblemDetails.badRequest("\"ahead_ms\" is -\(furthest) to \(furthest).")
      }
      return try await inject(.clock(ahead: clock.ahead_ms))
    }
    routes.put("/v1/development/disk") { request, context in
      try context.requireClusterAdmin()
      let disk = try await body(Disk.self, of: request, example: #"{"sync_delay_ms":100,"full":false}"#)
      let delay = disk.sync_delay_ms ?? 0
      guard (0...DevelopmentFault.longestSyncDelay).contains(delay) else {
        throw ProblemDetails.badRequest("\"sync_delay_ms\" is 0 to \(DevelopmentFault.longestSyncDelay).")
      }
      return try await inject(.disk(syncDelay: delay, isFull: disk.full ?? false))
    }
  }

  private func inject(_ fault: DevelopmentFault) async throws -> Response {
    try await answered {
      try await control.inject(fault)
      return Changed(changed: true)
    }
  }
}
