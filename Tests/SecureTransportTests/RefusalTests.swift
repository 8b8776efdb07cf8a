import NIOCore
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Every refusal, as both ends see it.
@Suite struct RefusalTests {
  let organisation: Organisation
  let stranger: TestPKI

  init() throws {
    organisation = try Organisation()
    stranger = try TestPKI(named: "Stranger")
  }

  // MARK: The server refuses the client

  private func expectServerRefuses(
    _ client: TestPKI.Issued, with code: TLSError.Code, alert: TLSAlert, revoked: String? = nil,
    accepts: @escaping @Sendable (String) -> Bool = { _ in true }
  ) async throws {
    let (server, client) = try await meet(
      server: organisation.server(revoked: revoked, accepts: accepts),
      client: organisation.client(as: client))
    #expect(server.peer == nil)
    #expect(server.code == code)
    #expect(server.errors.count == 1)
    // TLS 1.3: the client is ready before the server has looked at its certificate.
    #expect(client.peer != nil)
    #expect(client.code == .refusedByPeer(alert))
    #expect(client.received.readableBytes == 0)
  }

  @Test func clientOfAnotherAuthority() async throws {
    try await expectServerRefuses(
      stranger.issue(uris: [Organisation.fieldURI]), with: .unknownAuthority, alert: .unknownCA)
  }

  /// A server that closed with these bytes unread would reset the connection, and the alert would be lost.
  @Test func alertReachesAClientInTheMidstOfSending() async throws {
    let stray = try stranger.issue(uris: [Organisation.fieldURI])
    let listener = try await LoopbackServer.start(organisation.server())
    let client = try await dial(
      listener.port, organisation.client(as: stray), asking: String(repeating: "x", count: 48_000))
    try await listener.stop()
    #expect(client.code == .refusedByPeer(.unknownCA))
    #expect(client.errors.count == 1)
  }

  @Test func clientExpired() async throws {
    let issued = try organisation.authority.issue(
      uris: [Organisation.fieldURI], validity: TestPKI.now(plusDays: -30))
    try await expectServerRefuses(issued, with: .certificateExpired, alert: .certificateExpired)
  }

  @Test func clientNotYetValid() async throws {
    let issued = try organisation.authority.issue(
      uris: [Organisation.fieldURI], validity: TestPKI.now(plusDays: 30))
    try await expectServerRefuses(issued, with: .certificateNotYetValid, alert: .badCertificate)
  }

  @Test func clientRevoked() async throws {
    let list = try organisation.authority.revocationList(of: [organisation.field])
    try await expectServerRefuses(
      organisation.field, with: .certificateRevoked, alert: .certificateRevoked, revoked: list)
  }

  @Test func clientWithoutURI() async throws {
    let issued = try organisation.authority.issue(uris: [], hostNames: ["laptop"])
    try await expectServerRefuses(issued, with: .uriCount, alert: .badCertificate)
  }

  @Test func clientWithTwoURIs() async throws {
    let issued = try organisation.authority.issue(
      uris: [Organisation.fieldURI, Organisation.officeURI])
    try await expectServerRefuses(issued, with: .uriCount, alert: .badCertificate)
  }

  /// What follows a zero byte or a line break would be seen by some readers of the URI and not by others.
  @Test(arguments: ["\u{0}x", "\nx", " x"])
  func clientWhoseURIIsNotPrintable(_ suffix: String) async throws {
    let issued = try organisation.authority.issue(uris: [Organisation.fieldURI + suffix])
    try await expectServerRefuses(issued, with: .uriRefused, alert: .handshakeFailure)
  }

  @Test func clientWhoseURIIsNotAccepted() async throws {
    try await expectServerRefuses(
      organisation.field, with: .uriRefused, alert: .handshakeFailure,
      accepts: { $0.hasPrefix("officesync://office/") })
  }

  @Test func clientWithAServersCertificate() async throws {
    let issued = try organisation.authority.issue(uris: [Organisation.fieldURI], usages: [.server])
    try await expectServerRefuses(issued, with: .wrongPurpose, alert: .unsupportedCertificate)
  }

  @Test func clientWhoseAuthorityMayNotNameIt() async throws {
    let enrolment = try organisation.authority.subordinate(
      named: "Enrolment", permittedURIs: ["field"])
    try await expectServerRefuses(
      enrolment.issue(uris: [Organisation.officeURI]), with: .nameNotPermitted,
      alert: .certificateUnknown)
  }

  // MARK: The client refuses the server

  private func expectClientRefuses(
    _ office: TestPKI.Issued, as hostname: String = "localhost", with code: TLSError.Code,
    alert: TLSAlert, revoked: String? = nil
  ) async throws {
    let (server, client) = try await meet(
      server: organisation.server(as: office), client: organisation.client(revoked: revoked),
      as: hostname)
    #expect(client.peer == nil)
    #expect(client.code == code)
    #expect(client.errors.count == 1)
    #expect(server.peer == nil)
    #expect(server.code == .refusedByPeer(alert))
  }

  @Test func serverOfAnotherAuthority() async throws {
    let office = try stranger.issue(uris: [Organisation.officeURI], hostNames: ["localhost"])
    try await expectClientRefuses(office, with: .unknownAuthority, alert: .unknownCA)
  }

  @Test func serverExpired() async throws {
    let office = try organisation.authority.issue(
      uris: [Organisation.officeURI], hostNames: ["localhost"], validity: TestPKI.now(plusDays: -30)
    )
    try await expectClientRefuses(office, with: .certificateExpired, alert: .certificateExpired)
  }

  @Test func serverNotYetValid() async throws {
    let office = try organisation.authority.issue(
      uris: [Organisation.officeURI], hostNames: ["localhost"], validity: TestPKI.now(plusDays: 30))
    try await expectClientRefuses(office, with: .certificateNotYetValid, alert: .badCertificate)
  }

  @Test func serverRevoked() async throws {
    try await expectClientRefuses(
      organisation.office, with: .certificateRevoked, alert: .certificateRevoked,
      revoked: organisation.authority.revocationList(of: [organisation.office]))
  }

  @Test(arguments: ["rabat.example", "127.0.0.2", "::1"])
  func serverOfAnotherHost(_ hostname: String) async throws {
    try await expectClientRefuses(
      organisation.office, as: hostname, with: .hostNameMismatch, alert: .badCertificate)
  }

  @Test func wrongHostIsToldWithTheRightOnes() async throws {
    let (_, client) = try await meet(
      server: organisation.server(), client: organisation.client(), as: "rabat.example")
    let error = try #require(client.errors.first as? TLSError)
    #expect(error.reason.hasSuffix("but to localhost, 127.0.0.1"))
    #expect(error.librarySteps.contains { $0.contains("certificate verify failed") })
  }

  @Test func fieldDevicePosingAsServer() async throws {
    // Its certificate even states the server's usage and host name: the URI alone gives it away.
    let field = try organisation.authority.issue(
      uris: [Organisation.fieldURI], hostNames: ["localhost"])
    try await expectClientRefuses(field, with: .uriRefused, alert: .handshakeFailure)
  }

  @Test func fieldCertificatePosingAsServer() async throws {
    let field = try organisation.authority.issue(
      uris: [Organisation.fieldURI], hostNames: ["localhost"], usages: [.client])
    try await expectClientRefuses(field, with: .wrongPurpose, alert: .unsupportedCertificate)
  }

  @Test func serverWithTwoURIs() async throws {
    let office = try organisation.authority.issue(
      uris: [Organisation.officeURI, Organisation.fieldURI], hostNames: ["localhost"])
    try await expectClientRefuses(office, with: .uriCount, alert: .badCertificate)
  }
}
