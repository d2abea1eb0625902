package import Desk

extension SearchQuery: SearchWords {
  /// Where it is in a message; nil: it is not.
  package func hit(in message: Message, of session: SessionID) -> SearchHit? {
    guard message.kind == .text else { return nil }
    var folded = FoldedText()
    folded.fold(message.body)
    guard let found = place(in: folded) else { return nil }
    let low = Int(folded.places[found.lowerBound])
    let high =
      found.upperBound < folded.places.count ? Int(folded.places[found.upperBound]) : message.body.count
    return SearchHit(message, in: session, at: low..<max(low, high))
  }
}
