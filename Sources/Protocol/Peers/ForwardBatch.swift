package import Kernel

/// What of a frame of forwards can be read.
package struct ForwardBatch: Hashable, Sendable {
  package var forwards: [Forward] = []
  /// `Forward.request` of those whose command cannot be read: to be refused one by one.
  package var unreadable: [UInt64] = []
  /// What was wrong with the first of these, for the log; nil: nothing. In the form of level 1 all that follows is lost.
  package var failure: DecodingFailure?

  package init(forwards: [Forward] = []) { self.forwards = forwards }
}
