import Archive
import Desk
import Foundation
import Kernel
import Raft
import Storage

@testable import Backup

/// The data of a node that is to be backed up: its state at entry 20, with an open session and one that lingers; its archive at
/// entry 25, with one that had left the state before, the lingering one, and one that was opened later.
final class Original {
  static let identity = StoreIdentity(cluster: "old", node: 2)
  let path = NSTemporaryDirectory() + "backup-" + UUID().uuidString
  private(set) var state = ReplicatedState()
  /// The one that is closed, and in the state.
  let lingering: SessionID

  var data: String { path + "/data" }
  var output: String { path + "/backup" }

  init(level: Level = .sixth) throws {
    var effects: [Effect] = []
    func apply(_ command: Command, at index: UInt64, _ state: inout ReplicatedState) {
      let origin = Origin(server: ServerID(2), request: index)
      state.apply(
        [Submission(origin: origin, command: command)], index: index, now: 1_793_491_200_000, into: &effects)
    }
    var state = ReplicatedState()
    if level > .first { apply(.raiseLevel(RaiseLevel(level)), at: 1, &state) }
    func open(_ name: String, at index: UInt64) -> Command {
      .open(
        OpenSession(
          customer: Person(id: name, role: .customer, name: name), requestID: "r\(index)", channel: "web",
          skill: "",
          intent: "", priority: 0, attributes: [], owner: ServerID(2)))
    }
    apply(open("ann", at: 10), at: 10, &state)
    apply(open("bert", at: 12), at: 12, &state)
    lingering = SessionID(index: 12, place: 0) ?? SessionID(rawValue: 0)
    let close = Envelope(
      Close(session: lingering), id: "", by: Person(id: "bert", role: .customer, name: "bert"), epoch: Epoch(1))
    apply(.perform(close), at: 15, &state)
    self.state = state
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let membership = Membership(voters: [NodeID(1), NodeID(2), NodeID(3)], identity: 7)
    try StoreSeed.write(
      state.encodedSnapshot(),
      SnapshotMeta(index: LogIndex(20), term: Term(3), time: 9, membership: membership, size: 0, checksum: 0),
      directory: data, identity: Self.identity)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// - Parameter index: it has all up to here.
  func archive(upTo index: UInt64 = 25) throws {
    let writer = try ArchiveWriter(data + "/archive")
    defer { writer.close() }
    var rows: [ArchiveRow] = []
    for (opened, made) in [(5, 6), (12, 15), (22, 24)] as [(UInt64, UInt64)] where made <= index {
      let id = SessionID(index: opened, place: 0) ?? SessionID(rawValue: 0)
      let json = """
        {"session":"\(id.text)","customer":"c\(opened)","customer_name":"C","channel":"web","skill":"","intent":"",
        "priority":0,"attributes":{},"agents":[],"opened_at":1793491200000,"closed_at":1793491200000,"closed_by":"c",
        "reason":"done","messages":0}
        """
      let record = try Array(json.utf8).withUnsafeBytes { try ArchivedSession.fields.read($0) }
      rows.append(.session(record, RowOrigin(made)))
    }
    try writer.write(rows, upTo: index)
  }

  @discardableResult
  func backUp(with index: UInt64 = 20, takesIncomplete: Bool = false) throws -> BackupManifest {
    try BackupMaking(of: data, to: output).make(
      with: index, node: "node2", release: "1.2.3", time: 42, takesIncomplete: takesIncomplete)
  }

  func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}
