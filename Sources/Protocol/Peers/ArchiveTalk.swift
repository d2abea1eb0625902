package import Desk

/// What archives of two nodes say to each other, so that one gets what it misses. Only where the cluster is at level 6.
package enum ArchiveTalk: Hashable, Sendable {
  /// - Parameter number: the asker's own.
  case ask(number: UInt64, ArchivePageRequest)
  case page(number: UInt64, ArchiveRowPage)
  /// Not now: it may be asked again after a while.
  case busy(number: UInt64)
}
