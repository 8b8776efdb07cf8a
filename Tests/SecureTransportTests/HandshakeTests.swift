import Foundation
import NIOCore
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

@Suite struct HandshakeTests {
  let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  @Test func bothSidesKnowEachOther() async throws {
    let (server, client) = try await meet(
      server: organisation.server(), client: organisation.client())
    #expect(server.peer?.uri == Organisation.fieldURI)
    #expect(client.peer?.uri == Organisation.officeURI)
    #expect(server.peer?.subject == "CN=\(Organisation.fieldURI)")
    #expect(server.peer?.warnings == [])
    #expect(server.errors.isEmpty && client.errors.isEmpty)
    #expect(server.sawFarewell)
    #expect(String(buffer: client.received) == "ping")
    let facts = try CertificateFacts(of: .bytes(Array(organisation.field.chainPEM.utf8)))
    #expect(server.peer?.fingerprint == facts.fingerprint)
    #expect(server.peer?.notAfterSeconds == facts.notAfterSeconds)
  }

  @Test func addressInPlaceOfAHostName() async throws {
    let (_, client) = try await meet(
      server: organisation.server(), client: organisation.client(), as: "127.0.0.1")
    #expect(client.errors.isEmpty)
    #expect(client.peer != nil)
  }

  @Test func bytesOfTheSocketAreCounted() async throws {
    let (server, client) = try await meet(
      server: organisation.server(), client: organisation.client())
    #expect(server.bytesReceived == client.bytesSent)
    // The server's own farewell may still be on its way when the client has left.
    #expect(client.bytesReceived <= server.bytesSent)
    #expect(client.bytesReceived > 500)
  }

  @Test func severalAuthoritiesWhileOneReplacesAnother() async throws {
    let newer = try TestPKI(named: "Newer authority")
    let field = try newer.issue(uris: [Organisation.fieldURI])
    let both = organisation.authority.authorityPEM + newer.authorityPEM
    let (server, client) = try await meet(
      server: organisation.server(trusting: both), client: organisation.client(as: field))
    #expect(server.peer?.uri == Organisation.fieldURI)
    #expect(client.errors.isEmpty)
  }

  @Test func authorityUnderTheRoot() async throws {
    let enrolment = try organisation.authority.subordinate(
      named: "Enrolment", permittedURIs: ["field"])
    let field = try enrolment.issue(uris: [Organisation.fieldURI])
    let (server, _) = try await meet(
      server: organisation.server(), client: organisation.client(as: field))
    #expect(server.peer?.uri == Organisation.fieldURI)
  }

  @Test func certificateWithoutStatedUsageMayServe() async throws {
    let office = try organisation.authority.issue(
      uris: [Organisation.officeURI], hostNames: ["localhost"], usages: [])
    let (_, client) = try await meet(
      server: organisation.server(as: office), client: organisation.client())
    #expect(client.peer?.uri == Organisation.officeURI)
  }

  // MARK: Revocation lists that do not refuse everybody

  @Test func listOfOthersLetsPass() async throws {
    let other = try organisation.authority.issue(uris: ["officesync://field/lost"])
    let list = try organisation.authority.revocationList(of: [other])
    let (server, client) = try await meet(
      server: organisation.server(revoked: list), client: organisation.client(revoked: list))
    #expect(server.peer?.warnings == [])
    #expect(client.peer?.warnings == [])
  }

  @Test func expiredListLetsPassWithAWarning() async throws {
    let list = try organisation.authority.revocationList(
      of: [], validity: TestPKI.now(plusDays: -30))
    let context = try organisation.server(revoked: list)
    #expect(context.isRevocationListExpired)
    let (server, client) = try await meet(server: context, client: organisation.client())
    #expect(server.peer?.warnings == [.revocationListExpired])
    #expect(client.errors.isEmpty)
  }

  @Test func expiredListStillCountsForWhatItLists() async throws {
    let list = try organisation.authority.revocationList(
      of: [organisation.field], validity: TestPKI.now(plusDays: -30))
    let (server, client) = try await meet(
      server: organisation.server(revoked: list), client: organisation.client())
    #expect(server.code == .certificateRevoked)
    #expect(client.code == .refusedByPeer(.certificateRevoked))
  }

  @Test func listFromTheFutureLetsPassWithAWarning() async throws {
    let list = try organisation.authority.revocationList(
      of: [], validity: TestPKI.now(plusDays: 30))
    let (server, _) = try await meet(
      server: organisation.server(revoked: list), client: organisation.client())
    #expect(server.peer?.warnings == [.revocationListNotYetValid])
  }

  @Test func authorityWithoutAListLetsPassWithAWarning() async throws {
    let newer = try TestPKI(named: "Newer authority")
    let field = try newer.issue(uris: [Organisation.fieldURI])
    let (server, _) = try await meet(
      server: organisation.server(
        trusting: organisation.authority.authorityPEM + newer.authorityPEM,
        revoked: organisation.authority.revocationList(of: [])),
      client: organisation.client(as: field))
    #expect(server.peer?.warnings == [.revocationListMissing])
  }
}
