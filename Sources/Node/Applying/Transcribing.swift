package import Desk
package import Protocol

extension Transcribed {
  package init(_ message: Desk.Message) {
    self.init(
      sequence: message.sequence, id: message.id, sender: message.sender, kind: message.kind,
      body: message.body, time: message.time)
  }
}
