import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Those whom nobody vouches for: let in where it was asked for, and never taken for anybody.
@Suite(.timeLimit(.minutes(5))) struct StrangerTests {
  private static let name = "officesync-enrol/1"
  private let organisation: Organisation
  private let elsewhere: Organisation

  init() throws {
    organisation = try Organisation()
    elsewhere = try Organisation()
  }

  private func context(
    _ role: TLSConfiguration.Role, as issued: TestPKI.Issued, trusting authority: TestPKI?,
    strangers: String? = Self.name, sessions: TLSSessionCache? = nil
  ) throws -> TLSContext {
    try TLSContext(
      TLSConfiguration(
        role: role, certificateChain: .bytes(Array(issued.chainPEM.utf8)),
        privateKey: .bytes(Array(issued.keyPEM.utf8)),
        authorities: authority.map { .bytes(Array($0.authorityPEM.utf8)) }, sessions: sessions,
        strangerProtocol: strangers,
        acceptsPeerURI: { $0.hasPrefix(role == .server ? "officesync://" : "officesync://office/") }
      ))
  }

  private func connected(_ client: TLSContext, _ server: TLSContext) throws -> EmbeddedPair {
    let pair = try EmbeddedPair(client: client, server: server)
    try pair.connect()
    try pair.carry()
    return pair
  }

  /// The device of nobody's meets the office of Rabat; each has only seen a certificate.
  @Test func strangersMeet() throws {
    let client = try context(.client, as: elsewhere.field, trusting: nil)
    let server = try context(.server, as: organisation.office, trusting: organisation.authority)
    let pair = try connected(client, server)
    #expect(pair.server.probe.peer == nil && pair.client.probe.peer == nil)
    let shown = try #require(pair.server.probe.stranger)
    #expect(
      try CertificatePEM.text(of: [shown.certificateDER])
        == CertificatePEM.text(
          of: CertificatePEM.ders(of: .bytes(Array(elsewhere.field.chainPEM.utf8)))))
    #expect(pair.client.probe.stranger != nil)
    #expect(pair.ticket == nil)
  }

  /// The client learns later whom to trust.
  @Test func theClientJudgesTheServerLater() throws {
    let client = try context(.client, as: elsewhere.field, trusting: nil)
    let pair = try connected(
      client, try context(.server, as: organisation.office, trusting: organisation.authority))
    try pair.client.handler.verifyPeerAgain(
      by: context(.client, as: elsewhere.field, trusting: organisation.authority))
    for wrong in [elsewhere.authority, nil] {
      #expect(throws: TLSError(.unknownAuthority, "")) {
        try pair.client.handler.verifyPeerAgain(
          by: context(.client, as: elsewhere.field, trusting: wrong))
      }
    }
  }

  /// The right authority, and another host, or a field device in the office's place.
  @Test func theServerHasToBeTheOneThatWasDialled() throws {
    let client = try context(.client, as: elsewhere.field, trusting: nil)
    let trusting = try context(
      .client, as: elsewhere.field, trusting: organisation.authority)
    for (issued, code) in [
      (
        try organisation.authority.issue(
          uris: [Organisation.officeURI], hostNames: ["fes.example"]),
        TLSError.Code.hostNameMismatch
      ),
      (
        try organisation.authority.issue(uris: [Organisation.fieldURI], hostNames: ["localhost"]),
        .uriRefused
      ),
      (
        try organisation.authority.issue(
          uris: [Organisation.officeURI], hostNames: ["localhost"], usages: [.client]),
        .wrongPurpose
      ),
    ] {
      let pair = try connected(
        client, try context(.server, as: issued, trusting: organisation.authority))
      #expect(pair.client.probe.stranger != nil)
      #expect(throws: TLSError(code, "")) {
        try pair.client.handler.verifyPeerAgain(by: trusting)
      }
    }
  }

  @Test func aServerThatEnrolsNobodyLetsNoStrangerIn() throws {
    let pair = try connected(
      try context(.client, as: elsewhere.field, trusting: nil), try organisation.server())
    #expect(pair.server.probe.codes == [.noApplicationProtocol])
    #expect(pair.client.probe.codes == [.refusedByPeer(.noApplicationProtocol)])
    #expect(pair.server.probe.stranger == nil && pair.client.probe.stranger == nil)
  }

  /// Who names the members' protocol is judged, whatever else the server offers.
  @Test func aStrangerIsNoMember() throws {
    let server = try context(.server, as: organisation.office, trusting: organisation.authority)
    let pair = try connected(
      try elsewhere.client(trusting: organisation.authority.authorityPEM), server)
    #expect(pair.server.probe.codes == [.unknownAuthority])
    #expect(pair.server.probe.peer == nil && pair.server.probe.stranger == nil)
    let member = try connected(try organisation.client(), server)
    #expect(member.server.probe.peer?.uri == Organisation.fieldURI)
    #expect(member.server.probe.stranger == nil)
  }

  /// A session that a member left cannot be taken up as a stranger, nor the other way round.
  @Test func strangersLeaveNoSessions() throws {
    let sessions = TLSSessionCache()
    let server = try context(
      .server, as: organisation.office, trusting: organisation.authority, sessions: sessions)
    let stranger = try connected(
      try context(.client, as: elsewhere.field, trusting: nil), server)
    #expect(stranger.server.probe.stranger != nil)
    #expect(sessions.count == 0)
    let member = try connected(try organisation.client(), server)
    #expect(member.server.probe.peer != nil)
    #expect(sessions.count == 1)
    let ticket = try #require(member.ticket)
    let again = try EmbeddedPair(
      client: context(.client, as: organisation.field, trusting: organisation.authority),
      server: server, resuming: ticket)
    try again.connect()
    try again.carry()
    #expect(again.server.probe.peer == nil)
  }
}
