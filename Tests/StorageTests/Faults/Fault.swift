import Glibc
import Raft
import Testing

@testable import Storage

/// One way in which the files of a store can be wrong so that it must not be opened.
struct Fault: Sendable, CustomTestStringConvertible {
  enum Answer: Sendable { case missing, damaged, otherOwner, laterFormat, earlierFormat, unknownRecord }

  let name: String
  /// What the error has to be, and a part of the file's name that it has to give.
  let answer: Answer
  let file: String
  /// Whether the store to be damaged has a log that starts after a snapshot.
  var isCompacted = false
  let apply: @Sendable (Scratch) throws -> Void

  var testDescription: String { name }

  static let all = log + foreignLog + bits + smallFiles + snapshots

  private static func seg(_ number: UInt64) -> String { FileNames.segment(number) }

  private static func remove(_ names: String...) -> @Sendable (Scratch) throws -> Void {
    { scratch in for name in names { try scratch.directory.remove(name) } }
  }

  private static func empty(_ name: String) -> @Sendable (Scratch) throws -> Void {
    { try $0.write(name, []) }
  }

  private static let log: [Fault] = [
    Fault(name: "the first segment is missing", answer: .missing, file: ".snap", apply: remove(seg(1))),
    Fault(name: "a middle segment is missing", answer: .missing, file: seg(3), apply: remove(seg(3))),
    Fault(name: "the last segment in use is missing", answer: .missing, file: seg(6), apply: remove(seg(6))),
    Fault(name: "the prepared segment is missing", answer: .missing, file: seg(7), apply: remove(seg(7))),
    Fault(
      name: "the last segments are missing", answer: .missing, file: seg(6), apply: remove(seg(6), seg(7))),
    Fault(
      name: "all segments but the prepared one are missing", answer: .missing, file: seg(6),
      apply: remove(seg(1), seg(2), seg(3), seg(4), seg(5), seg(6))),
    Fault(
      name: "the whole log is missing", answer: .missing, file: seg(7),
      apply: { for name in try $0.segments() { try $0.directory.remove(name) } }),
    Fault(name: "the first segment is empty", answer: .damaged, file: seg(1), apply: empty(seg(1))),
    Fault(name: "a middle segment is empty", answer: .damaged, file: seg(3), apply: empty(seg(3))),
    Fault(name: "the last segment in use is empty", answer: .damaged, file: seg(6), apply: empty(seg(6))),
    Fault(name: "the prepared segment is empty", answer: .damaged, file: seg(7), apply: empty(seg(7))),
    Fault(
      name: "a middle segment is all zero", answer: .damaged, file: seg(3),
      apply: { try $0.blank(seg(3), 0..<8192) }),
    Fault(
      name: "the last segment in use is all zero", answer: .damaged, file: seg(6),
      apply: { try $0.blank(seg(6), 0..<8192) }),
    Fault(
      name: "a segment is cut short", answer: .damaged, file: seg(3),
      apply: { try $0.write(seg(3), Array($0.read(seg(3)).dropLast(100))) }),
    Fault(
      name: "a segment has something behind it", answer: .damaged, file: seg(3),
      apply: { try $0.write(seg(3), $0.read(seg(3)) + [1]) }),
    Fault(
      name: "a segment is under the number of another", answer: .damaged, file: seg(3),
      apply: { try $0.write(seg(3), $0.read(seg(2))) }),
    Fault(
      name: "a segment is under a number that comes later", answer: .missing, file: seg(6),
      apply: { try $0.directory.rename(seg(6), to: seg(9)) }),
    Fault(
      name: "a folder is in the place of a segment", answer: .damaged, file: seg(3),
      apply: {
        try $0.directory.remove(seg(3))
        mkdir($0.directory.file(seg(3)), 0o700)
      }),
  ]

  private static let foreignLog: [Fault] = [
    Fault(
      name: "a segment of another node", answer: .otherOwner, file: seg(3),
      apply: { try $0.write(seg(3), StoreCopies.whole(StoreCopies.otherNode).read(seg(3))) }),
    Fault(
      name: "a segment of another cluster", answer: .otherOwner, file: seg(3),
      apply: { try $0.write(seg(3), StoreCopies.whole(StoreCopies.otherCluster).read(seg(3))) }),
    Fault(
      name: "the last segment of another node", answer: .otherOwner, file: seg(6),
      apply: { try $0.write(seg(6), StoreCopies.whole(StoreCopies.otherNode).read(seg(6))) }),
    Fault(
      name: "a record of another group", answer: .unknownRecord, file: seg(3),
      apply: { scratch in
        try scratch.changeRecord(3, at: scratch.records(3)[2].offset) { $0[8] = 7 }
      }),
    Fault(
      name: "a last record of another group", answer: .unknownRecord, file: seg(6),
      apply: { scratch in
        let last = try scratch.records(6).count - 1
        try scratch.changeRecord(6, at: scratch.records(6)[last].offset) { $0[8] = 7 }
      }),
    Fault(
      name: "an entry of a kind of later times", answer: .unknownRecord, file: seg(3),
      apply: { scratch in
        try scratch.changeRecord(3, at: scratch.records(3)[1].offset) { $0[5] = 200 }
      }),
    Fault(
      name: "a segment of a later format", answer: .laterFormat, file: seg(3),
      apply: { try $0.setVersion(seg(3), 2) }),
    Fault(
      name: "a last segment of a later format", answer: .laterFormat, file: seg(6),
      apply: { try $0.setVersion(seg(6), 2) }),
    Fault(
      name: "a segment of an earlier format", answer: .earlierFormat, file: seg(1),
      apply: { try $0.setVersion(seg(1), 0) }),
  ]

  private static let bits: [Fault] = [
    Fault(
      name: "a bit in the header of a segment", answer: .damaged, file: seg(3),
      apply: { try $0.flip(seg(3), at: 30) }
    ),
    Fault(
      name: "a bit in the header of the last segment", answer: .damaged, file: seg(6),
      apply: { try $0.flip(seg(6), at: 30) }),
    Fault(
      name: "a bit in the data of a middle record of the last segment", answer: .damaged, file: seg(6),
      apply: { try $0.flip(seg(6), at: $0.records(6)[1].offset + 60) }),
    Fault(
      name: "a bit in the last hard state", answer: .damaged, file: seg(6),
      apply: { scratch in
        let states = try scratch.records(6).filter { $0.header.dataBytes == 0 }
        try scratch.flip(seg(6), at: states[states.count - 1].offset + 32)
      }),
  ]

  private static let smallFiles: [Fault] = [
    Fault(
      name: "the file `store` is missing", answer: .missing, file: "/store", apply: remove(FileNames.manifest)),
    Fault(
      name: "the file `store` is empty", answer: .damaged, file: "/store", apply: empty(FileNames.manifest)),
    Fault(
      name: "the file `store` is damaged", answer: .damaged, file: "/store",
      apply: { try $0.flip(FileNames.manifest, at: 25) }),
    Fault(
      name: "the file `store` of another node", answer: .otherOwner, file: "/store",
      apply: { try Manifest(newestSegment: 7).write(in: $0.directory, identity: StoreCopies.otherNode) }),
    Fault(
      name: "the file `store` of another cluster", answer: .otherOwner, file: "/store",
      apply: { try Manifest(newestSegment: 7).write(in: $0.directory, identity: StoreCopies.otherCluster) }),
    Fault(
      name: "the file `store` of a later format", answer: .laterFormat, file: "/store",
      apply: { try $0.setVersion(FileNames.manifest, 9) }),
    Fault(
      name: "the file `store` of an earlier format", answer: .earlierFormat, file: "/store",
      apply: { try $0.setVersion(FileNames.manifest, 0) }),
    Fault(
      name: "the rejoin marker of another node", answer: .otherOwner, file: "/rejoin",
      apply: { try RejoinMarker.set(in: $0.directory, identity: StoreCopies.otherNode) }),
  ]

  private static let both = [StoreCopies.snapshot(12), StoreCopies.snapshot(16)]

  private static func onSnapshots(
    _ name: String, _ answer: Answer, _ change: @escaping @Sendable (Scratch, String) throws -> Void
  ) -> Fault {
    Fault(
      name: name, answer: answer, file: StoreCopies.snapshot(16), isCompacted: true,
      apply: { scratch in for name in both { try change(scratch, name) } })
  }

  private static let snapshots: [Fault] = [
    Fault(
      name: "all snapshots are missing, and the log starts after them", answer: .missing, file: ".snap",
      isCompacted: true, apply: remove(both[0], both[1])),
    onSnapshots("all snapshots are empty", .damaged) { try $0.write($1, []) },
    onSnapshots("a bit in the header of all snapshots", .damaged) { try $0.flip($1, at: 40) },
    Fault(
      name: "a bit in the state of the newest snapshot, and none before it", answer: .damaged, file: both[1],
      isCompacted: true,
      apply: {
        try $0.flip(both[1], at: 400)
        try $0.directory.remove(both[0])
      }),
    onSnapshots("all snapshots are cut short", .damaged) { try $0.write($1, Array($0.read($1).dropLast(1))) },
    onSnapshots("all snapshots are of a later format", .laterFormat) { try $0.setVersion($1, 2) },
    onSnapshots("all snapshots are of an earlier format", .earlierFormat) { try $0.setVersion($1, 0) },
    Fault(
      name: "the newest snapshot is of another node", answer: .otherOwner, file: both[1], isCompacted: true,
      apply: { try $0.write(both[1], StoreCopies.compacted(StoreCopies.otherNode).read(both[1])) }),
    Fault(
      name: "the only snapshot is under the position of another", answer: .damaged,
      file: StoreCopies.snapshot(14), isCompacted: true,
      apply: {
        try $0.directory.remove(both[0])
        try $0.directory.rename(both[1], to: StoreCopies.snapshot(14))
      }),
  ]
}
