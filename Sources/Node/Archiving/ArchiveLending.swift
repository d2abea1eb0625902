package import Desk
import Kernel
import Protocol
import Raft

/// A page of this node's archive that another node's asks for.
package struct ArchivePageRead: Sendable {
  package var number: UInt64
  package var request: ArchivePageRequest
}

/// Who waits for pages of this node's archive.
struct ArchiveLending {
  /// Pages that are read at once; of one node it is one.
  static let most = 2

  private var waiting: [UInt64: (peer: NodeID, number: UInt64)] = [:]
  private var last: UInt64 = 0

  /// - Returns: nil: too many wait.
  mutating func add(_ number: UInt64, of peer: NodeID) -> UInt64? {
    // It has given up the one before, or it would not ask again.
    for (own, asked) in waiting where asked.peer == peer { waiting[own] = nil }
    guard waiting.count < Self.most else { return nil }
    last += 1
    waiting[last] = (peer, number)
    return last
  }

  mutating func remove(_ own: UInt64) -> (peer: NodeID, number: UInt64)? { waiting.removeValue(forKey: own) }
}

extension Node {
  mutating func lendArchive(_ request: ArchivePageRequest, number: UInt64, to peer: NodeID) {
    guard archive.isKept else {
      // It is complete nowhere: nobody need ask again.
      send(.archive(.page(number: number, ArchiveRowPage())), to: peer)
      return
    }
    // Where nothing is over an archive seldom says how far it is, and one that is not as far is complete for nobody.
    if archive.isFilled, request.gap.upTo > archive.durableIndex.rawValue,
      request.gap.upTo <= log.index.rawValue
    {
      archive.hurry()
      send(.archive(.busy(number: number)), to: peer)
      return
    }
    guard state.level >= .sixth, let own = lending.add(number, of: peer) else {
      send(.archive(.busy(number: number)), to: peer)
      return
    }
    output.archivePageReads.append(ArchivePageRead(number: own, request: request))
  }

  /// - Parameter page: nil: it could not be read, or the archive has much to do.
  mutating func archivePageWasRead(_ own: UInt64, _ page: ArchiveRowPage?) {
    guard let (peer, number) = lending.remove(own) else { return }
    send(.archive(page.map { .page(number: number, $0) } ?? .busy(number: number)), to: peer)
  }
}
