import Desk
internal import Protocol

/// `GET /metrics`. Labels are few and bounded: never one per session, person or connection.
struct MetricsPage {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  var node: String
  var version: String
  var replica: ReplicaFigures
  /// Those whose figures are shown by themselves.
  var desks: [DeskSummary] = []
  var gateway: GatewayFigures
  var process: ProcessFigures
  var lostLogLines = 0

  func render() -> String { exposition.text }

  var exposition: Exposition {
    var page = Exposition()
    page.family("switchboard_build_info", .gauge, "The node and its version; always 1.")
    page.sample("switchboard_build_info", labels: [("node", node), ("version", version)], UInt64(1))
    cluster(&page)
    consensus(&page)
    gossip(&page)
    desk(&page)
    archive(&page)
    ofDesks(&page)
    clients(&page)
    certificates(&page)
    system(&page)
    return page
  }

  /// What the status page of this node says, for alerts: cluster/alerts.yml goes by these names.
  private func cluster(_ page: inout Exposition) {
    page.family("switchboard_health", .gauge, "1 for what this node says of its cluster, 0 for the others.")
    for health in [ClusterStatus.Health.ok, .degraded, .noQuorum] {
      page.sample(
        "switchboard_health", labels: [("state", health.rawValue)], UInt64(health == replica.health ? 1 : 0))
    }
    let quorum = replica.quorum
    page.gauge("switchboard_quorum_voters", "Voters of the cluster.", UInt64(quorum.voters))
    page.gauge("switchboard_quorum_needed", "Voters that a decision needs.", UInt64(quorum.needed))
    page.gauge("switchboard_quorum_reachable", "Voters that this node reaches.", UInt64(quorum.reachable))
    page.gauge(
      "switchboard_quorum_can_lose", "Voters that may be lost before the cluster stops.",
      UInt64(max(0, quorum.canLose)))
    page.family("switchboard_problems", .gauge, "Problems of the status page by their code.")
    for code in ProblemCode.allCases {
      page.sample(
        "switchboard_problems", labels: [("code", code.rawValue)], UInt64(replica.problems[code] ?? 0))
    }
    page.gauge(
      "switchboard_member_lag_entries", "Committed entries that the furthest member behind has not applied.",
      replica.greatestLag)
    page.gauge("switchboard_disk_free_bytes", "Bytes free where the log is.", replica.diskFreeBytes)
  }

  private func consensus(_ page: inout Exposition) {
    page.gauge("switchboard_raft_is_leader", "1 when this node leads.", UInt64(replica.isLeader ? 1 : 0))
    page.gauge(
      "switchboard_raft_has_leader", "1 when this node knows a leader.", UInt64(replica.hasLeader ? 1 : 0))
    page.gauge("switchboard_raft_term", "The current term.", replica.term)
    page.gauge("switchboard_raft_commit_index", "The last index known to be committed.", replica.commitIndex)
    page.gauge("switchboard_raft_applied_index", "The last index applied to the state.", replica.appliedIndex)
    page.counter("switchboard_raft_leader_changes_total", "Changes of the leader seen.", replica.leaderChanges)
    page.counter("switchboard_raft_proposals_total", "Entries proposed by this node.", replica.proposals)
    page.counter(
      "switchboard_raft_entries_applied_total", "Entries applied by this node.", replica.entriesApplied)
    page.gauge("switchboard_log_size_bytes", "Bytes of the write-ahead log on disk.", replica.logBytes)
    page.counter("switchboard_log_syncs_total", "Times the log was made durable.", replica.syncs)
    page.histogram("switchboard_log_sync_seconds", "Time to make the log durable.", replica.syncSeconds)
  }

  private func gossip(_ page: inout Exposition) {
    page.counter("switchboard_gossip_packets_sent_total", "Packets of gossip sent.", replica.gossipSent)
    page.counter(
      "switchboard_gossip_packets_received_total", "Packets at the port of gossip.", replica.gossipReceived)
    page.counter(
      "switchboard_gossip_packets_dropped_total",
      "Packets that were not sealed with a key of the cluster, too long, or too many.", replica.gossipDropped)
  }

  private func desk(_ page: inout Exposition) {
    page.counter(
      "switchboard_messages_acknowledged_total", "Messages acknowledged to clients of this node.",
      replica.messagesAcknowledged)
    page.counter(
      "switchboard_messages_delivered_total", "Messages handed to followers on this node.",
      replica.messagesDelivered)
    page.histogram(
      "switchboard_message_ack_seconds", "Time from a message's arrival to its acknowledgement.",
      replica.ackSeconds)
    page.gauge(
      "switchboard_requests_pending", "Requests that wait for their entry.",
      UInt64(max(0, replica.pendingRequests)))
    page.gauge(
      "switchboard_memory_short",
      "1 while the process has more in memory than it should and takes nothing new.",
      UInt64(replica.memoryIsShort ? 1 : 0))
    page.gauge(
      "switchboard_memory_limit_bytes", "Bytes in memory above which nothing new is taken; 0: no bound.",
      replica.memoryLimitBytes)
    page.counter(
      "switchboard_snapshots_refused_total", "Received snapshots that were damaged and dropped.",
      replica.snapshotsRefused)
    page.counter(
      "switchboard_unknown_messages_total",
      "Messages of newer nodes that this release does not know and has passed over.", replica.unknownMessages)
    page.counter(
      "switchboard_slow_turns_total", "Turns of the node's thread that took longer than 10 ms.",
      replica.slowTurns)
    page.gauge(
      "switchboard_longest_turn_seconds", "The longest turn of the node's thread.", replica.longestTurnSeconds)
    page.family("switchboard_sessions", .gauge, "Sessions of the cluster by state.")
    for (state, count) in [
      ("active", replica.sessions.active), ("queued", replica.sessions.queued),
      ("closed", replica.sessions.closed),
    ] {
      page.sample("switchboard_sessions", labels: [("state", state)], UInt64(max(0, count)))
    }
    page.family("switchboard_agents", .gauge, "Agents of the cluster by status.")
    for (status, count) in [
      ("online", replica.agents.online), ("busy", replica.agents.busy), ("away", replica.agents.away),
      ("offline", replica.agents.offline),
    ] {
      page.sample("switchboard_agents", labels: [("status", status)], UInt64(max(0, count)))
    }
  }

  private func archive(_ page: inout Exposition) {
    guard let archive = replica.archive else { return }
    page.gauge("switchboard_archive_lag_entries", "Entries of the log that the archive is behind.", archive.lag)
    page.gauge(
      "switchboard_archive_gap", "1 while the archive misses something and is filled from the state.",
      UInt64(archive.gap ? 1 : 0))
    page.gauge("switchboard_archive_sessions", "Closed sessions in the archive.", archive.sessions)
    page.gauge("switchboard_archive_messages", "Messages in the archive.", archive.messages)
    page.gauge("switchboard_archive_size_bytes", "Bytes of the archive on disk.", archive.bytes)
  }

  /// At the most one of each for every desk, and there are 1,024 of them.
  private func ofDesks(_ page: inout Exposition) {
    guard !desks.isEmpty else { return }
    page.family("switchboard_desk_sessions", .gauge, "Sessions of a desk by state.")
    for desk in desks {
      for (state, count) in [("active", desk.active), ("queued", desk.queued), ("closed", desk.closed)] {
        page.sample(
          "switchboard_desk_sessions", labels: [("desk", desk.desk.text), ("state", state)], count)
      }
    }
    page.family("switchboard_desk_agents", .gauge, "Agents of a desk by status.")
    for desk in desks {
      for (status, count) in [
        ("online", desk.online), ("busy", desk.busy), ("away", desk.away), ("offline", desk.offline),
      ] {
        page.sample(
          "switchboard_desk_agents", labels: [("desk", desk.desk.text), ("status", status)], count)
      }
    }
  }

  private func clients(_ page: inout Exposition) {
    page.gauge(
      "switchboard_connections", "WebSocket clients connected now.", UInt64(max(0, gateway.connections)))
    page.counter(
      "switchboard_connections_total", "WebSocket clients connected since the start.", gateway.accepted)
    page.counter("switchboard_frames_received_total", "WebSocket frames received.", gateway.framesIn)
    page.counter("switchboard_frames_sent_total", "WebSocket frames sent.", gateway.framesOut)
    page.counter("switchboard_received_bytes_total", "Bytes received from WebSocket clients.", gateway.bytesIn)
    page.counter("switchboard_sent_bytes_total", "Bytes sent to WebSocket clients.", gateway.bytesOut)
    page.counter("switchboard_client_requests_total", "Requests handed to the replica.", gateway.requests)
    page.counter(
      "switchboard_messages_resent_total", "Messages sent again for want of a receipt.", gateway.resent)
    page.counter("switchboard_rate_limited_total", "Frames answered with rate_limited.", gateway.rateLimited)
    page.family("switchboard_client_errors_total", .counter, "Errors sent to clients by code.")
    for code in Failure.Code.allCases {
      page.sample(
        "switchboard_client_errors_total", labels: [("code", code.rawValue)], gateway.errors[code] ?? 0)
    }
    page.family("switchboard_connections_closed_total", .counter, "Ended connections by close code.")
    var others: UInt64 = 0
    for (code, count) in gateway.closes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      if Self.ownCodes.contains(code) {
        page.sample("switchboard_connections_closed_total", labels: [("code", String(code.rawValue))], count)
      } else {
        others += count
      }
    }
    page.sample("switchboard_connections_closed_total", labels: [("code", "other")], others)
  }

  /// Clients can choose among thousands of codes: only those that mean something here have a label of their own.
  private static let ownCodes: Set<CloseCode> = [
    .normal, .goingAway, .protocolError, .noStatus, .abnormal, .notUTF8, .tooBig, .slowOrSilent,
    .tryAnotherNode,
    .tooFast, .unauthorized, .replaced, .tooManyErrors,
  ]

  private func certificates(_ page: inout Exposition) {
    guard !replica.certificates.isEmpty else { return }
    page.family(
      "switchboard_certificate_expiry_seconds", .gauge,
      "When a certificate of this node ends, in seconds since 1970.")
    for report in replica.certificates {
      page.sample(
        "switchboard_certificate_expiry_seconds", labels: [("use", report.use.rawValue)],
        Double(report.notAfter))
    }
    page.family(
      "switchboard_certificate_renewal_refused", .gauge,
      "1 while the files of a certificate hold what cannot be used and the node goes on with what it had.")
    for report in replica.certificates {
      page.sample(
        "switchboard_certificate_renewal_refused", labels: [("use", report.use.rawValue)],
        UInt64(report.isRenewalRefused ? 1 : 0))
    }
  }

  private func system(_ page: inout Exposition) {
    page.family("process_cpu_seconds_total", .counter, "User and system time of the process.")
    page.sample("process_cpu_seconds_total", process.processorSeconds)
    if let value = process.residentBytes {
      page.gauge("process_resident_memory_bytes", "Memory of the process that is resident.", value)
    }
    if let value = process.virtualBytes {
      page.gauge("process_virtual_memory_bytes", "Address space of the process.", value)
    }
    if let value = process.openFiles { page.gauge("process_open_fds", "Open file descriptors.", value) }
    if let value = process.maximumFiles {
      page.gauge("process_max_fds", "File descriptors that may be open.", value)
    }
    page.counter(
      "switchboard_log_lines_lost_total",
      "Lines of the log that were dropped: whoever reads it does not keep up.",
      UInt64(max(0, lostLogLines)))
    if let value = process.threads { page.gauge("process_threads", "Threads of the process.", value) }
    if let value = process.started {
      page.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", value)
    }
  }
}
