internal import Logging
internal import NIOCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Stands before the accepting of connections, for when the system has no descriptor or no memory for the one that comes
/// (`EMFILE`, `ENFILE`): such a connection stays at the head of the kernel's queue, and asking for it again at once would be
/// all that the loop ever does. The reserve is given back, so that those who wait are accepted and told 503, and the loop
/// asks again after a pause.
final class ShortageGate: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private static let pause = TimeAmount.milliseconds(50)
  private static let recovery = TimeAmount.milliseconds(250)

  private let budget: SocketBudget
  private let complaints = Complaints()
  private let logger: Logger
  private var reserve = DescriptorReserve()
  private var hasReserve = false
  private var isPaused = false
  private var context: ChannelHandlerContext?

  init(budget: SocketBudget, logger: Logger) {
    self.budget = budget
    self.logger = logger
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    hasReserve = reserve.fill()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    reserve.release()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let failure = error as? IOError, Self.isShortage(failure.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    complaints.say(
      logger, "the system has nothing left for another client: whoever comes now is answered 503",
      ["error": "\(failure)"])
    guard !isPaused else { return }
    isPaused = true
    // A failed accept leaves the channel asking: only this ends it.
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    let isFirst = hasReserve
    if hasReserve {
      hasReserve = false
      reserve.release()
      budget.setStarved(true)
      recover()
    }
    context.eventLoop.assumeIsolated().scheduleTask(in: isFirst ? .zero : Self.pause) { self.goOn() }
  }

  private func goOn() {
    isPaused = false
    try? context?.channel.syncOptions?.setOption(.autoRead, value: true)
  }

  /// Ordinary again when the whole reserve could be had.
  private func recover() {
    guard let context else { return }
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.recovery) {
      guard self.context != nil, !self.hasReserve else { return }
      if self.reserve.fill() {
        self.hasReserve = true
        self.budget.setStarved(false)
      } else {
        self.reserve.release()
        self.recover()
      }
    }
  }

  private static func isShortage(_ code: CInt) -> Bool {
    code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
  }
}
