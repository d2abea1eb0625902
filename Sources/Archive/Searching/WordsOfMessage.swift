package import Desk

extension SearchQuery: SearchWords {
  package func hit(in message: Message, of session: SessionID) -> SearchHit? {
    var folded = FoldedText()
    return hit(in: message, of: session, &folded)
  }

  /// - Parameter folded: whose memory is used.
  /// - Returns: where it is in a message; nil: it is not.
  func hit(in message: Message, of session: SessionID, _ folded: inout FoldedText) -> SearchHit? {
    guard message.kind == .text else { return nil }
    folded.fold(message.body)
    guard let found = place(in: folded) else { return nil }
    let low = Int(folded.places[found.lowerBound])
    let high =
      found.upperBound < folded.places.count ? Int(folded.places[found.upperBound]) : message.body.count
    return SearchHit(message, in: session, at: low..<max(low, high))
  }
}
