import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Whom an office turns away: what the program at the other end says, the one line in the office's log, and that others
/// are served on.
@Suite struct ServerRefusalTests {
  private let mesh: Mesh
  /// The authority of everybody here, in place of the programs' own: it issues what they would not.
  private let authority: TestPKI

  init() throws {
    mesh = try Mesh()
    authority = try TestPKI()
    try mesh.must("syncserver", "init", "--data", "rabat", "--name", "rabat")
    try mesh.certify("rabat", authority.office("rabat"), trusting: authority)
    for device in ["amina", "mallory"] {
      try mesh.must("syncclient", "init", "--data", device, "--name", device)
      try mesh.certify(device, authority.field(device), trusting: authority)
    }
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "A1", "title=One")
    try mesh.start("rabat")
  }

  /// One line with the reason, and not one more when somebody else was served.
  private func expectOneLine(with reason: String) throws {
    let lines = try mesh.waitForRefusals(1, at: "rabat")
    #expect(lines.first?.contains(reason) == true, "\(lines)")
    #expect(lines.first?.contains("address=127.0.0.1:") == true)
    try expectOthersAreServed()
    #expect(mesh.refusals(at: "rabat").count == 1)
  }

  private func expectOthersAreServed() throws {
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
  }

  private func expectRefused(_ name: String, status: Int32 = 77, saying text: String) throws {
    let run = try mesh.sync("mallory", with: "rabat")
    #expect(run.status == status)
    let error = try run.json["error"]
    #expect(error?["name"]?.text == name, "\(run.output)")
    #expect(error?["code"]?.int == Int(status))
    #expect(error?["message"]?.text?.contains(text) == true, "\(run.output)")
    #expect(error?["remedy"]?.text?.isEmpty == false)
  }

  // MARK: Our client with a certificate that will not do

  @Test func aCertificateOfAnotherAuthority() throws {
    try mesh.certify("mallory", TestPKI().field("mallory"), trusting: authority)
    try expectRefused("certificate-unknown-authority", saying: "authority")
    try expectOneLine(with: "authority")
  }

  @Test func anExpiredCertificateIsNotEvenTried() throws {
    try mesh.certify(
      "mallory", authority.field("mallory", validity: TestPKI.now(plusDays: -3)),
      trusting: authority)
    try expectRefused("certificate-expired", saying: "expired")
    try expectOthersAreServed()
    #expect(mesh.refusals(at: "rabat").isEmpty)
  }

  @Test func aCertificateThatIsNotYetValidIsNotEvenTried() throws {
    try mesh.certify(
      "mallory", authority.field("mallory", validity: TestPKI.now(plusDays: 3)),
      trusting: authority)
    try expectRefused("certificate-not-yet-valid", saying: "begins on")
    try expectOthersAreServed()
    #expect(mesh.refusals(at: "rabat").isEmpty)
  }

  @Test func aCertificateOfAnotherIdentityThanTheStores() throws {
    try mesh.certify("mallory", authority.field("amina"), trusting: authority)
    try expectRefused("identity-differs", status: 64, saying: "field/mallory")
    #expect(mesh.refusals(at: "rabat").isEmpty)
  }

  @Test func aReplicaThatBelongsToSomebodyElse() throws {
    // The same store, which the office knows as mallory's, with a certificate of amina's and her name written in.
    try mesh.exchange("mallory", with: "rabat")
    try mesh.must(
      "python3", "-c",
      "import sqlite3; sqlite3.connect('mallory/store.sqlite').execute("
        + "\"UPDATE store SET identity = 'field/karim'\").connection.commit()")
    try mesh.certify("mallory", authority.field("karim"), trusting: authority)
    try expectRefused("replica-of-another", saying: "another identity")
    try expectOneLine(with: "another identity")
  }

  @Test func aRevokedCertificate() throws {
    let issued = try authority.field("mallory")
    try mesh.certify("mallory", issued, trusting: authority)
    #expect(try mesh.exchange("mallory", with: "rabat")["inSync"]?.bool == true)
    try authority.revocationList(of: [issued]).write(
      toFile: "\(mesh.path)/rabat/crl.pem", atomically: true, encoding: .utf8)
    let server = try #require(mesh.server("rabat"))
    server.process.send(SIGHUP)
    try server.wait { $0.errors.contains("were read anew") }
    try expectRefused("certificate-revoked", saying: "revoked")
    try expectOneLine(with: "revoked")
  }

  // MARK: Strangers

  @Test func aStrangerWithoutACertificate() throws {
    let stranger = try mesh.dial("rabat", ["--tls", "1.3", "--alpn", "officesync/1"])
    #expect(stranger.output.contains("refused: TLSV13_ALERT_CERTIFICATE_REQUIRED"))
    try expectOneLine(with: "no certificate")
  }

  @Test func anExpiredCertificate() throws {
    try mesh.certify(
      "mallory", authority.field("mallory", validity: TestPKI.now(plusDays: -3)),
      trusting: authority)
    let stranger = try mesh.dial(
      "rabat", as: "mallory", ["--tls", "1.3", "--alpn", "officesync/1"])
    #expect(stranger.output.contains("refused: SSLV3_ALERT_CERTIFICATE_EXPIRED"))
    try expectOneLine(with: "expired")
  }

  @Test func aCertificateWithTwoIdentities() throws {
    try mesh.certify(
      "mallory",
      authority.issue(
        uris: ["officesync://field/mallory", "officesync://office/rabat"], usages: [.client]),
      trusting: authority)
    let stranger = try mesh.dial(
      "rabat", as: "mallory", ["--tls", "1.3", "--alpn", "officesync/1"])
    #expect(stranger.output.contains("refused: "))
    try expectOneLine(with: "URI")
    let run = try mesh.sync("mallory", with: "rabat")
    #expect(run.status == 64)
    #expect(try run.json["error"]?["name"]?.text == "identity-differs")
  }

  @Test func aClientOfTLS12() throws {
    let stranger = try mesh.dial(
      "rabat", as: "amina", ["--tls", "1.2", "--alpn", "officesync/1"])
    #expect(stranger.output.contains("refused: TLSV1_ALERT_PROTOCOL_VERSION"))
    try expectOneLine(with: "TLS 1.3")
  }

  @Test func aClientThatNamesNoProtocol() throws {
    let stranger = try mesh.dial("rabat", as: "amina", ["--tls", "1.3"])
    #expect(stranger.output.contains("refused: "))
    try expectOneLine(with: "application protocol")
  }

  @Test func aBrowser() throws {
    let stranger = try mesh.dial(
      "rabat", ["--text", "GET / HTTP/1.1\r\nHost: rabat\r\n\r\n", "--show"])
    #expect(stranger.output.contains("400 Bad Request"))
    #expect(stranger.output.contains("TLS 1.3"))
    try expectOneLine(with: "HTTP")
  }

  @Test func somebodyWhoTypesAtIt() throws {
    let stranger = try mesh.dial("rabat", ["--text", "hello?\r\n"])
    #expect(stranger.output == "closed after 0 bytes\n")
    try expectOneLine(with: "does not speak TLS")
  }
}
