// What the status of a cluster says of each node. The values themselves are in `ClusterStatus`.

extension CertificateReport.Use: StatusWord {}

extension ClusterStatus.Member: StatusRecord {
  package static let title: StaticString = "Member"
  /// In the description it stands once, for the status and for the list of members.
  package static var schema: String { ##""$ref": "#/components/schemas/Member""## }
  package static let figures: [Figure<Self>] = [
    Figure("id", { $0.id }, "Its name."), Figure("address", { $0.address }, "Where other nodes reach it."),
    Figure("client_url", { $0.clientUrl }, "Where clients reach it."),
    Figure(
      "role", { $0.role }, "What it is in the log's group.",
      schema: StatusSchema.word("leader", "follower", "learner", "candidate")),
    Figure("voter", { $0.voter }, "Whether it votes."),
    Figure(
      "state", { $0.state },
      "By the connections of the observing node, which gossip refines: who is cut off from here alone is not dead.",
      schema: StatusSchema.word("alive", "suspect", "dead", "draining")),
    Figure("reachable", { $0.reachable }, "Whether the observing node is connected with it."),
    Figure("rtt_ms", maybe: { $0.rttMs }, "From the observing node and back, in ms. Of the others alone."),
    Figure("last_contact_ms", maybe: { $0.lastContactMs }, "Since it was heard last, in ms."),
    Figure(
      "match_index", maybe: { $0.matchIndex },
      "The last entry that it has on its disk, as the leader knows: the leader alone says it."),
    Figure("applied_index", maybe: { $0.appliedIndex }, "The last entry that it has applied."),
    Figure("lag", maybe: { $0.lag }, "Decided entries that it has not applied."),
    Figure("version", { $0.version }, "Its release; empty while it cannot be reached."),
    Figure(
      "level", maybe: { $0.level }, "The highest format level that it reads.", schema: StatusSchema.level),
    Figure("uptime_s", maybe: { $0.uptimeS }, "Since its process has started, in s."),
    Figure("load", maybe: { $0.load }, "How much it has to do."),
    Figure("storage", maybe: { $0.storage }, "What it has on disk."),
    Figure(
      "gossip", maybe: { $0.gossip },
      "What nodes say of it in datagrams, as advice. Not there when the observing node does not gossip."),
    Figure("certificates", maybe: { $0.certificates }, "Of the observing node alone, when it uses TLS."),
    Figure("archive", maybe: { $0.archive }, "What is over, on disk. Of the observing node alone."),
  ]
}

extension ClusterStatus.Load: StatusRecord {
  package static let title: StaticString = "Load"
  package static let figures: [Figure<Self>] = [
    Figure("connections", { $0.connections }, "Clients that are connected to it."),
    Figure("sessions", { $0.sessions }, "Open sessions whose messages it orders."),
    Figure("cpu", { $0.cpu }, "Of one processor: 1 is all of it."),
    Figure("loop_lag_ms", { $0.loopLagMs }, "How late its thread comes to what is due, in ms."),
    Figure("ack_p99_ms", { $0.ackP99Ms }, "Of a hundred messages, the second slowest acknowledgement, in ms."),
    Figure("age_ms", { $0.ageMs }, "Since it has said this, in ms."),
  ]
}

extension ClusterStatus.Storage: StatusRecord {
  package static let title: StaticString = "Storage"
  package static let figures: [Figure<Self>] = [
    Figure("log_bytes", { $0.logBytes }, "Of the log."),
    Figure("fsync_p99_ms", { $0.fsyncP99Ms }, "Of a hundred writes, the second slowest, in ms."),
    Figure("snapshot_index", { $0.snapshotIndex }, "The last entry that its newest snapshot holds."),
    Figure("disk_free_bytes", { $0.diskFreeBytes }, "Where the log is."),
    Figure(
      "archive_rows", { $0.archiveRows },
      "Sessions and pieces of sessions in its archive. Of the observing node alone; 0 for the others."),
  ]
}

extension ClusterStatus.Gossip: StatusRecord {
  package static let title: StaticString = "Gossip"
  package static let figures: [Figure<Self>] = [
    Figure(
      "state", { $0.state }, "How it does.", schema: StatusSchema.word("alive", "suspect", "dead", "left")),
    Figure("age_ms", maybe: { $0.ageMs }, "Of its hints, once there are any, in ms."),
  ]
}

extension ClusterStatus.Certificate: StatusRecord {
  package static let title: StaticString = "Certificate"
  package static let figures: [Figure<Self>] = [
    Figure(
      "use", { $0.use }, "Whom it is shown to.", schema: CertificateReport.Use.schema),
    Figure("expires_at", { $0.expiresAt }, "When it ends.", schema: StatusSchema.time),
    Figure(
      "days_left", { $0.daysLeft }, "Rounded down; below 0 once it has ended.", schema: #""type": "integer""#),
    Figure(
      "renewal_refused", { $0.renewalRefused },
      "Its files have changed to what cannot be used; the node goes on with what it had."),
  ]
}

extension ClusterStatus.Archive: StatusRecord {
  package static let title: StaticString = "Archive"
  package static let figures: [Figure<Self>] = [
    Figure("complete_index", { $0.completeIndex }, "It has all that was applied up to here."),
    Figure("lag", { $0.lag }, "Log entries that it is behind."),
    Figure(
      "gap", { $0.gap }, "Whether it misses something, and is filled from the state and from other nodes."),
    Figure(
      "missing_entries", { $0.missingEntries }, "Log entries whose rows it may miss, of any month or of one."),
    Figure(
      "rows_from_others", { $0.rowsFromOthers }, "Rows that came from other nodes since this one has started."),
    Figure(
      "kept_from", maybe: { $0.keptFrom },
      "The first month of which something is kept, in UTC. Not there while nothing was dropped.",
      schema: #""type": "string", "pattern": "^[0-9]{4,}-[0-9]{2}$""#),
    Figure("erasing", { $0.erasing }, "Whether something that was erased is still in files of the node."),
    Figure("sessions", { $0.sessions }, "Closed sessions in it."),
    Figure("messages", { $0.messages }, "Messages in it."),
    Figure("bytes", { $0.bytes }, "Of its files."),
  ]
}
