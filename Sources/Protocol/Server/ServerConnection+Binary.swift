import Desk

/// Binary frames of a client: for whoever has said hello in one.
extension ServerConnection {
  /// - Parameter payload: of a whole message.
  mutating func receiveBinary(
    _ payload: UnsafeRawBufferPointer, now: Moment, addressBudget: inout TokenBucket,
    into output: inout ConnectionOutput
  ) {
    if phase == .awaitingHello { isBinary = true }
    guard isBinary else {
      return refuseForm(
        RequestIDSearch.name(in: payload) ?? BinaryClientFrame.name(in: payload), now: now,
        addressBudget: &addressBudget, into: &output)
    }
    do throws(Failure) {
      let frame = try BinaryClientFrame(payload)
      receive(frame, now: now, addressBudget: &addressBudget, into: &output)
    } catch {
      let name = BinaryClientFrame.name(in: payload)
      guard charge(TokenBucket.request, name: name, now: now, addressBudget: &addressBudget, into: &output)
      else { return }
      fault(name, error, now: now, into: &output)
    }
  }

  /// A frame of the form in which the client has not said hello.
  mutating func refuseForm(
    _ name: RequestName?, now: Moment, addressBudget: inout TokenBucket, into output: inout ConnectionOutput
  ) {
    let name = name ?? .none
    guard charge(TokenBucket.request, name: name, now: now, addressBudget: &addressBudget, into: &output)
    else { return }
    let words =
      isBinary
      ? "This connection has said hello in a binary frame: go on in those, or connect again for text."
      : "This connection has said hello in a text frame: go on in those, or connect again for binary frames."
    fault(name, Failure(.unsupported, words), now: now, into: &output)
  }
}
