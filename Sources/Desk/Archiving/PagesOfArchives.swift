extension TranscriptPage {
  /// A page that somebody else than a state has put together.
  package init(of messages: [Message], more: Bool) { self.init(messages: messages, more: more) }
}
