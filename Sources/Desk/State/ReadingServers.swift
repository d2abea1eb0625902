internal import Kernel

/// What the shell asks of who owns what, and who is where.
extension ReplicatedState {
  /// The sessions of an owner that are not closed, sorted.
  package func sessions(ownedBy server: ServerID) -> [SessionID] {
    (servers.owned[server]?.elements.map(\.id) ?? []).sorted()
  }

  /// The sessions of an owner that are not closed, behind one of them; in an order of their own.
  ///
  /// - Parameter after: nil, and one that is closed by now, too.
  package func sessions(ownedBy server: ServerID, after: SessionID?, limit: Int) -> [SessionID] {
    let place = after.flatMap { id in look(id.desk) { $0.owned(id) } }
    return servers.owned[server]?.prefix(limit, after: place).map(\.id) ?? []
  }

  /// How many sessions that are not closed a server owns.
  package func ownedCount(of server: ServerID) -> Int { servers.owned[server]?.count ?? 0 }

  /// As `ownedCount`, for all servers that own any.
  package var ownedCounts: [ServerID: Int] { servers.owned.mapValues(\.count) }

  /// How many agents are present on a server.
  package func presentCount(on server: ServerID) -> Int { servers.present[server]?.count ?? 0 }

  /// Whether sessions or agents' presences are on that server.
  package func isInvolved(_ server: ServerID) -> Bool {
    servers.owned[server] != nil || servers.present[server] != nil
  }

  /// All servers of which that is so, sorted.
  package var involvedServers: [ServerID] { Set(servers.owned.keys).union(servers.present.keys).sorted() }

  /// Requests that the server numbers at or below this are not those of a new life. nil: it has announced none.
  package func life(of server: ServerID) -> UInt64? { lifeTable[server] }
}
