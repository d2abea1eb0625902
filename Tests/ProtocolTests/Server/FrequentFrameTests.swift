import Desk
import Kernel
import Testing

@testable import Protocol

/// Frames that are frequent are read by hand: what the declaration says of them must come out.
struct FrequentFrameTests {
  /// As a text, so that two readings can be compared.
  private static func outcome(_ read: () throws(Failure) -> DeskRequest) -> String {
    do throws(Failure) {
      switch try read() {
      case .send(let session, let id, let body): return "send \(session.rawValue) \(id) \(body)"
      case .read(let session, let sequence): return "upto \(session.rawValue) \(sequence.rawValue)"
      case let other: return "\(other)"
      }
    } catch { return "\(error.code): \(error.message)" }
  }

  /// Replaces, doubles or takes out one piece.
  private static func mutated(_ text: String, _ random: inout SeededGenerator) -> String {
    let odd = [
      "null", "1", "\"\"", "\"x\"", "{}", "[1]", "true", "-1", "1.0", "1e2", "\"0\"", "\"007\"", "\"\\u0031\"",
      "18446744073709551616",
    ]
    var members = text.dropFirst().dropLast().split(separator: ",\"", omittingEmptySubsequences: false).map(
      String.init)
    for place in members.indices.dropFirst() { members[place] = "\"" + members[place] }
    let place = Int(random.next() % UInt64(members.count))
    let name = members[place].split(separator: ":")[0]
    switch random.next() % 4 {
    case 0: members.remove(at: place)
    case 1: members[place] = "\(name):\(odd[Int(random.next() % UInt64(odd.count))])"
    case 2: members.append("\(name):\(odd[Int(random.next() % UInt64(odd.count))])")
    default: break
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  @Test("send and received are read as their declarations say, right and wrong ones")
  func hotForms() {
    let seed: UInt64 = 20_261_130
    var random = SeededGenerator(seed: seed)
    for round in 0..<20_000 {
      let bytes = random.next() % 2 == 0 ? 4 : 0
      let plain = round % 2 == 0 ? #"{"session":"4096","body":"hello"}"# : #"{"session":"4096","seq":17}"#
      let text = Self.mutated(random.next() % 4 == 0 ? plain : Self.mutated(plain, &random), &random)
      let asker = Asker(
        requestID: random.next() % 8 == 0 ? "" : "i1", role: .customer,
        entitlement: Entitlement(
          priority: nil, skills: nil, capacity: nil, choices: ClientChoices(), isOfCluster: true),
        bodyBytes: bytes)
      var outcomes: [String] = []
      Array(text.utf8).withUnsafeBytes { text in
        // What is no JSON at all is refused before either reading.
        guard let frame = try? ClientFrame(text) else { return }
        if round % 2 == 0 {
          outcomes = [
            Self.outcome { () throws(Failure) in try frame.sendRequest(id: asker.requestID, bodyBytes: bytes) },
            Self.outcome { () throws(Failure) in try Send.request(text, role: .customer, by: asker) },
          ]
        } else {
          outcomes = [
            Self.outcome { () throws(Failure) in
              let (session, sequence) = try frame.receipt()
              return .read(session, sequence)
            },
            Self.outcome { () throws(Failure) in
              let received = try Received.fields.read(text)
              return .read(received.session, received.seq)
            },
          ]
        }
      }
      if outcomes.count == 2 {
        #expect(outcomes[0] == outcomes[1], "\(text), seed \(seed), round \(round)")
      }
    }
  }
}
