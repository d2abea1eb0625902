internal import Desk

/// That an agent is asked whether it serves a conversation.
public struct ConversationOffer: Sendable, Hashable {
  /// Who is asked: the `sub` of its token.
  public let agent: String
  /// Which of the conversation's offers it is, from 1: what is said to another one means nothing.
  public let number: Int
  /// For how long it is asked from now on.
  public let expiresInMilliseconds: Int
  /// How long the customer has waited.
  public let waitedMilliseconds: Int
  /// The `sub` of the customer's token.
  public let customer: String
  /// The customer's name.
  public let name: String
  /// Where the conversation comes from.
  public let channel: String
  /// The skill that it asks for; empty: any agent will do.
  public let skill: String
  /// The beginning of what the customer has said first; nil: nothing yet.
  public let line: String?

  init(_ offered: Offered) {
    (agent, number) = (offered.agent, Int(offered.offer))
    expiresInMilliseconds = Int(clamping: offered.expires)
    waitedMilliseconds = Int(clamping: offered.waited)
    (customer, name, channel) = (offered.customer, offered.shown, offered.channel)
    (skill, line) = (offered.skill, offered.line)
  }
}
