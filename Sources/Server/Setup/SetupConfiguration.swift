import Foundation

/// The configuration of one node of a new cluster, as an operator would write it.
enum SetupConfiguration {
  static func text(of seat: ClusterPlan.Seat, in plan: ClusterPlan) -> String {
    let members = plan.seats.map {
      "    { \"id\": \($0.number), \"name\": \(quoted($0.name)), \"peer\": \(quoted($0.peer)), "
        + "\"client\": \(quoted($0.client)) }"
    }
    var client = [
      "\"host\": \(quoted(seat.listen))", "\"port\": \(plan.clientPort)",
      plan.isBehindProxy
        ? "\"allow_plaintext\": true" : "\"tls\": { \"certificate\": \"node.pem\", \"key\": \"node.key\" }",
    ]
    if !plan.origins.isEmpty {
      client.append("\"allowed_origins\": [\(plan.origins.map(quoted).joined(separator: ", "))]")
    }
    return """
      {
        "comment": "\(seat.name), written by switchboard init. Each key: docs/configuration.md",
        "cluster": \(quoted(plan.cluster)),
        "node": { "id": \(seat.number) },
        "members": [
      \(members.joined(separator: ",\n"))
        ],
        "relative_paths": "file",
        "client": {
          \(client.joined(separator: ",\n    "))
        },
        "peer": {
          "host": \(quoted(seat.listen)),
          "port": \(plan.peerPort),
          "tls": { "certificate": "node.pem", "key": "node.key", "ca": "ca.pem" }
        },
        "gossip": { "key_file": "gossip.key" },
        "jwt": { "secret_file": "token.secret" },
        "data": { "directory": \(quoted(plan.dataDirectory)) }
      }

      """
  }

  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let data = try? encoder.encode(text) else { return "\"\"" }
    return String(decoding: data, as: UTF8.self)
  }
}
