import Foundation
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// A peer of an open connection is held against what is in force later.
@Suite(.timeLimit(.minutes(5))) struct VerifyAgainTests {
  let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  private func connected(
    client: TestPKI.Issued? = nil, server: TestPKI.Issued? = nil
  ) throws -> EmbeddedPair {
    let pair = try EmbeddedPair(
      client: organisation.client(as: client), server: organisation.server(as: server))
    try pair.connect()
    try pair.carry()
    #expect(pair.client.probe.peer != nil && pair.server.probe.peer != nil)
    return pair
  }

  private func code(_ end: EmbeddedPair.End, by context: TLSContext? = nil) -> TLSError.Code? {
    do throws(TLSError) {
      try end.handler.verifyPeerAgain(by: context)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func whoIsStillTrustedStays() throws {
    let pair = try connected()
    let list = try organisation.authority.revocationList(of: [])
    #expect(code(pair.server) == nil)
    #expect(code(pair.server, by: try organisation.server(revoked: list)) == nil)
    #expect(code(pair.client, by: try organisation.client(revoked: list)) == nil)
    // An expired list counts for what it lists, as in a handshake.
    let old = try organisation.authority.revocationList(
      of: [], validity: TestPKI.now(plusDays: -30))
    #expect(code(pair.server, by: try organisation.server(revoked: old)) == nil)
  }

  @Test func aRevokedClientDoesNot() throws {
    let pair = try connected()
    let list = try organisation.authority.revocationList(of: [organisation.field])
    #expect(code(pair.server, by: try organisation.server(revoked: list)) == .certificateRevoked)
    #expect(code(pair.server) == nil)
  }

  @Test func aRevokedServerDoesNot() throws {
    let pair = try connected()
    let list = try organisation.authority.revocationList(of: [organisation.office])
    #expect(code(pair.client, by: try organisation.client(revoked: list)) == .certificateRevoked)
  }

  @Test func anAuthorityThatIsNoLongerTrusted() throws {
    let pair = try connected()
    let other = try TestPKI(named: "Newer authority").authorityPEM
    #expect(code(pair.server, by: try organisation.server(trusting: other)) == .unknownAuthority)
    #expect(code(pair.client, by: try organisation.client(trusting: other)) == .unknownAuthority)
  }

  /// The issuers that the peer sent are kept: nobody has them else.
  @Test func anAuthorityUnderTheRoot() throws {
    let enrolment = try organisation.authority.subordinate(
      named: "Enrolment", permittedURIs: ["field"])
    let pair = try connected(client: enrolment.issue(uris: [Organisation.fieldURI]))
    #expect(code(pair.server, by: try organisation.server()) == nil)
    #expect(
      code(pair.server, by: try organisation.server(accepts: { _ in true })) == nil)
  }

  @Test func whoseCertificateEndsMeanwhile() async throws {
    // Certificates end at a whole second.
    let end = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 15).rounded())
    let field = try organisation.authority.issue(
      uris: [Organisation.fieldURI], validity: end.addingTimeInterval(-86_400)...end)
    let pair = try connected(client: field)
    #expect(pair.server.probe.peer?.validUntilSeconds == Int64(end.timeIntervalSince1970))
    while code(pair.server) == nil { try await Task.sleep(for: .milliseconds(50)) }
    #expect(code(pair.server) == .certificateExpired)
  }

  @Test func theFirstEndOfTheChainCounts() throws {
    let pair = try connected()
    let peer = try #require(pair.client.probe.peer)
    let authority = try CertificateFacts(
      of: .bytes(Array(organisation.authority.authorityPEM.utf8)))
    #expect(peer.validUntilSeconds == min(peer.notAfterSeconds, authority.notAfterSeconds))
  }
}
