/// How the file descriptors that the system gives one process are shared out: the store and the peers come first, and
/// clients get what is left, so that no crowd of theirs can cost the node its disk.
struct DescriptorBudget: Sendable, Hashable {
  /// What the system gives.
  var limit: Int
  /// Kept for the log, snapshots, peers, event loops and whatever the libraries open.
  var reserve: Int

  /// Less than this for clients is no service.
  static let leastForClients = 32

  /// - Parameters:
  ///   - loops: event loops of the process.
  ///   - members: of the cluster.
  init(limit: Int, loops: Int, members: Int) {
    self.limit = limit
    // Each loop has three; the log's, the snapshots' and the process's own are some 40, its spare ones included. Of a
    // peer there may be two connections in each direction and two more that take their places, beside 64 strangers.
    // Clients for whom there is no room are told so with 24.
    reserve = 48 + 3 * (loops + 2) + 6 * max(members, 7) + 64 + 24
  }

  /// Connections of clients of all kinds.
  var clients: Int { limit - reserve }

  /// What the node needs at the least.
  var least: Int { reserve + Self.leastForClients }

  var isEnough: Bool { clients >= Self.leastForClients }

  /// - Parameter wanted: by the configuration; 0: as many as there can be.
  func webSockets(wanted: Int) -> Int {
    let most = max(1, clients - clients / 4)
    return wanted == 0 ? most : min(wanted, most)
  }

  /// - Parameter wanted: by the configuration; 0: as many as there can be.
  func httpConnections(wanted: Int) -> Int {
    let most = max(4, clients / 8)
    return wanted == 0 ? most : min(wanted, most)
  }

  /// What is configured is seldom needed to the last one; less than half of it is too little for the cluster's plans.
  func isLow(webSockets wanted: Int, http: Int) -> Bool {
    webSockets(wanted: wanted) * 2 < wanted || httpConnections(wanted: http) * 2 < http
  }

  /// Places for probes of the node's health, which take what is left beside the others, and leave some of that.
  func probes(sockets: Int, webSockets: Int, http: Int) -> Int {
    max(1, min(32, (sockets - webSockets - http) / 2))
  }

  /// Connections that have not shown yet what they want find room beside the others.
  func sockets(webSockets: Int, http: Int) -> Int {
    min(clients, webSockets + http + 8192)
  }
}
