import Certificates
import Foundation
import TestCertificates
import Testing

@Suite("Files of certificates")
struct CredentialsTests {
  private static let now = Int64(Date().timeIntervalSince1970)

  @Test("what belongs together is taken, with its names and its end")
  func good() throws {
    let authority = try TestAuthority()
    let credentials = try Credentials(
      authority.issue("node1", names: "DNS:node1,IP:10.0.0.1", validity: "-days 10"))
    #expect(credentials.facts.names == ["node1", "10.0.0.1"])
    #expect((9...10).contains(credentials.facts.daysLeft(at: Self.now)))
    #expect(credentials.timeProblem(at: Self.now + 60) == nil)
    #expect(credentials.authorities.count == 1)
  }

  @Test("what does not is named, with what to do")
  func bad() throws {
    let authority = try TestAuthority()
    let good = try authority.issue("one")
    let other = try authority.issue("two")
    try Data("nothing".utf8).write(to: URL(fileURLWithPath: authority.path("text")))
    try authority.openssl("ec -in one.key -aes256 -passout pass:secret -out locked.key")
    for (files, part, words) in [
      (
        CredentialFiles(certificate: good.certificate, key: other.key), CredentialFiles.Part.key,
        "does not belong"
      ),
      (CredentialFiles(certificate: good.key, key: good.key), .certificate, "is a private key"),
      (CredentialFiles(certificate: good.certificate, key: good.certificate), .key, "is a certificate"),
      (
        CredentialFiles(certificate: authority.path("text"), key: good.key), .certificate,
        "is no certificate in PEM"
      ),
      (CredentialFiles(certificate: authority.path("none"), key: good.key), .certificate, "No such file"),
      (CredentialFiles(certificate: authority.directory.path, key: good.key), .certificate, "Is a directory"),
      (CredentialFiles(certificate: good.certificate, key: authority.path("locked.key")), .key, "password"),
      (
        CredentialFiles(certificate: good.certificate, key: good.key, authority: authority.path("text")),
        .authority,
        "is no certificate in PEM"
      ),
    ] {
      #expect {
        _ = try Credentials(files)
      } throws: { error in
        let problem = error as? CredentialProblem
        return problem?.part == part && problem?.description.contains(words) == true
          && problem?.path == files.path(of: part)
      }
    }
  }

  @Test("time is judged by itself")
  func time() throws {
    let authority = try TestAuthority()
    let credentials = try Credentials(authority.issue("node1", validity: "-days 10"))
    let ended = credentials.timeProblem(at: Self.now + 11 * 86_400)
    #expect(ended?.part == .certificate && ended?.reason.contains("has ended at 20") == true)
    let early = credentials.timeProblem(at: Self.now - 86_400)
    #expect(early?.reason.contains("is not good before") == true)
    #expect(credentials.timeProblem(at: Self.now + 1_000 * 86_400) != nil)
  }

  @Test(
    "dates as people write them",
    arguments: [
      (Int64(0), "1970-01-01 00:00 UTC"), (951_782_400, "2000-02-29 00:00 UTC"),
      (951_868_799, "2000-02-29 23:59 UTC"),
      (1_924_992_000, "2031-01-01 00:00 UTC"), (-86_400, "1969-12-31 00:00 UTC"),
      (4_107_542_400, "2100-03-01 00:00 UTC"),
    ])
  func dates(seconds: Int64, text: String) {
    #expect(dateText(seconds) == text)
  }
}
