/// A probe for another member.
struct Relay: Sendable {
  let requester: MemberID
  /// The requester's number, and this node's own towards the target.
  let requestedNumber: UInt64
  let number: UInt64
  let target: MemberID
  /// When the requester is told that there is no answer (yet); nil once it was.
  var nackAt: UInt64?
  /// An answer that comes until then is still handed on: a requester that doubts itself waits longer.
  var endsAt: UInt64

  mutating func shift(by gap: UInt64) {
    nackAt = nackAt.map { $0 + gap }
    endsAt += gap
  }
}

extension GossipNode {
  mutating func receivePingRequest(_ number: UInt64, target: MemberID, from requester: MemberID) {
    guard target != requester else { return }
    if target == id { return send(.ack(number), to: requester) }
    guard relays.count < configuration.maximumRelays, table.contains(target) else { return }
    lastNumber &+= 1
    relays.append(
      Relay(
        requester: requester, requestedNumber: number, number: lastNumber, target: target,
        nackAt: configuration.lifeguard.localHealth ? clock + configuration.probeTimeout * 4 / 5 : nil,
        endsAt: clock + configuration.probeInterval * 4))
    send(.ping(lastNumber), to: target)
  }

  mutating func expireRelays() {
    for place in relays.indices {
      guard let nackAt = relays[place].nackAt, clock >= nackAt else { continue }
      relays[place].nackAt = nil
      send(.nack(relays[place].requestedNumber), to: relays[place].requester)
    }
    relays.removeAll { $0.endsAt <= clock }
  }
}
