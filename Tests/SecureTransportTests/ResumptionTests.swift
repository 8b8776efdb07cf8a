import Foundation
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Coming back without certificates, and what of it is judged all the same. Whatever is wrong with a ticket, certificates are
/// shown: nothing but these is ever a reason to refuse.
@Suite(.timeLimit(.minutes(5))) struct ResumptionTests {
  let organisation: Organisation
  let sessions = TLSSessionCache()

  init() throws {
    organisation = try Organisation()
  }

  /// One connection, both ends told that they are known.
  @discardableResult
  private func visit(
    _ client: TLSContext? = nil, _ server: TLSContext? = nil, as hostname: String = "localhost",
    with ticket: [UInt8]?
  ) throws -> EmbeddedPair {
    let pair = try EmbeddedPair(
      client: client ?? organisation.client(),
      server: server ?? organisation.server(sessions: sessions), as: hostname, resuming: ticket)
    try pair.connect()
    try pair.carry()
    return pair
  }

  private func first(as issued: TestPKI.Issued? = nil) throws -> [UInt8] {
    let pair = try visit(organisation.client(as: issued), with: nil)
    #expect(pair.client.probe.peer?.isResumed == false)
    return try #require(pair.ticket)
  }

  private func expect(_ pair: EmbeddedPair, resumed: Bool) {
    #expect(pair.client.probe.errors.isEmpty && pair.server.probe.errors.isEmpty)
    #expect(pair.client.probe.peer?.isResumed == resumed)
    #expect(pair.server.probe.peer?.isResumed == resumed)
    #expect(pair.client.probe.peer?.uri == Organisation.officeURI)
    #expect(pair.server.probe.peer?.uri == Organisation.fieldURI)
  }

  @Test func whoComesBackIsKnown() throws {
    let ticket = try first()
    let pair = try visit(with: ticket)
    expect(pair, resumed: true)
    let full = try visit(with: nil)
    let resumedBytes = pair.client.handler.bytesSent + pair.client.handler.bytesReceived
    let fullBytes = full.client.handler.bytesSent + full.client.handler.bytesReceived
    #expect(resumedBytes < 1_000 && fullBytes > 2 * resumedBytes, "\(resumedBytes) \(fullBytes)")
    #expect(pair.server.probe.peer?.fingerprint == full.server.probe.peer?.fingerprint)
    #expect(
      pair.server.probe.peer?.validUntilSeconds == full.server.probe.peer?.validUntilSeconds)
    // It can be held against something newer too.
    let list = try organisation.authority.revocationList(of: [organisation.field])
    #expect(throws: TLSError.self) {
      try pair.server.handler.verifyPeerAgain(by: organisation.server(revoked: list))
    }
  }

  /// Each visit brings the ticket of the next, and a lost one does no harm.
  @Test func againAndAgain() throws {
    var ticket = try first()
    for _ in 0..<5 {
      let pair = try visit(with: ticket)
      expect(pair, resumed: true)
      expect(try visit(with: ticket), resumed: true)
      ticket = try #require(pair.ticket)
    }
    #expect(sessions.count <= TLSLimits.cachedSessionsPerCertificateMax)
  }

  @Test func anAuthorityUnderTheRoot() throws {
    let enrolment = try organisation.authority.subordinate(
      named: "Enrolment", permittedURIs: ["field"])
    let offices = try organisation.authority.subordinate(named: "Offices")
    let field = try enrolment.issue(uris: [Organisation.fieldURI])
    let office = try offices.issue(uris: [Organisation.officeURI], hostNames: ["localhost"])
    let (client, server) = (
      try organisation.client(as: field), try organisation.server(as: office, sessions: sessions)
    )
    let ticket = try #require(try visit(client, server, with: nil).ticket)
    expect(try visit(client, server, with: ticket), resumed: true)
  }

  // MARK: The server judges again

  @Test func aNewContextKeepsWhoIsTrustedStill() throws {
    let ticket = try first()
    let list = try organisation.authority.revocationList(of: [])
    let server = try organisation.server(revoked: list, sessions: sessions)
    expect(try visit(nil, server, with: ticket), resumed: true)
  }

  @Test func aRevokedClientIsRefusedAsEver() throws {
    let ticket = try first()
    let list = try organisation.authority.revocationList(of: [organisation.field])
    let pair = try visit(
      nil, organisation.server(revoked: list, sessions: sessions), with: ticket)
    #expect(pair.server.probe.codes == [.certificateRevoked])
    #expect(pair.client.probe.codes == [.refusedByPeer(.certificateRevoked)])
  }

  @Test func aClientWhoseCertificateEndedMeanwhile() async throws {
    let end = Date().addingTimeInterval(3)
    let field = try organisation.authority.issue(
      uris: [Organisation.fieldURI], validity: end.addingTimeInterval(-86_400)...end)
    let ticket = try first(as: field)
    while Date() < end.addingTimeInterval(1.5) { try await Task.sleep(for: .milliseconds(100)) }
    let pair = try visit(organisation.client(as: field), with: ticket)
    #expect(pair.server.probe.codes == [.certificateExpired])
  }

  @Test func aClientWhoseIssuerIsNotTrustedAnyMore() throws {
    let ticket = try first()
    let newer = try TestPKI(named: "Newer authority")
    let pair = try visit(
      nil, organisation.server(trusting: newer.authorityPEM, sessions: sessions), with: ticket)
    #expect(pair.server.probe.codes == [.unknownAuthority])
  }

  @Test func aClientWhoseURIIsNotAcceptedAnyMore() throws {
    let ticket = try first()
    let pair = try visit(
      nil, organisation.server(sessions: sessions, accepts: { _ in false }), with: ticket)
    #expect(pair.server.probe.codes == [.uriRefused])
  }

  @Test func aServerThatForgot() throws {
    let ticket = try first()
    expect(
      try visit(nil, organisation.server(sessions: TLSSessionCache()), with: ticket),
      resumed: false)
    // One that keeps nothing gives no tickets either.
    let pair = try visit(nil, organisation.server(), with: ticket)
    expect(pair, resumed: false)
    #expect(pair.ticket == nil)
  }

  // MARK: The client judges again

  @Test func aRevokedServerIsNotComeBackTo() throws {
    let ticket = try first()
    let list = try organisation.authority.revocationList(of: [organisation.office])
    let pair = try visit(organisation.client(revoked: list), with: ticket)
    #expect(pair.client.probe.codes == [.certificateRevoked])
  }

  @Test func aServerWhoseIssuerIsNotTrustedAnyMore() throws {
    let ticket = try first()
    let newer = try TestPKI(named: "Newer authority")
    let pair = try visit(organisation.client(trusting: newer.authorityPEM), with: ticket)
    #expect(pair.client.probe.codes == [.unknownAuthority])
  }

  /// The server has a new certificate, and the one that the ticket is from has ended.
  @Test func aServerWhoseOldCertificateEnded() async throws {
    let end = Date().addingTimeInterval(3)
    let office = try organisation.authority.issue(
      uris: [Organisation.officeURI], hostNames: ["localhost"],
      validity: end.addingTimeInterval(-86_400)...end)
    let ticket = try #require(
      try visit(nil, organisation.server(as: office, sessions: sessions), with: nil).ticket)
    while Date() < end.addingTimeInterval(1.5) { try await Task.sleep(for: .milliseconds(100)) }
    expect(try visit(with: ticket), resumed: false)
  }

  @Test func aTicketOfAnotherHost() throws {
    let ticket = try first()
    let other = try organisation.authority.issue(
      uris: [Organisation.officeURI], hostNames: ["rabat.example"])
    let server = try organisation.server(as: other, sessions: sessions)
    expect(try visit(nil, server, as: "rabat.example", with: ticket), resumed: false)
  }

  /// A certificate that was renewed, or somebody else's store.
  @Test func aTicketOfAnotherCertificate() throws {
    let ticket = try first()
    let renewed = try organisation.authority.issue(uris: [Organisation.fieldURI])
    expect(try visit(organisation.client(as: renewed), with: ticket), resumed: false)
  }

  @Test func aDamagedTicket() throws {
    let ticket = try first()
    var cases: [[UInt8]] = [[], Array("x".utf8), ticket.dropLast(200), Array(ticket.dropFirst(1))]
    for place in stride(from: 30, to: ticket.count, by: 37) {
      var copy = ticket
      copy[place] ^= 1
      cases.append(copy)
    }
    for damaged in cases {
      // A bit that OpenSSL reads over may leave a ticket that is good still.
      let pair = try visit(with: damaged)
      #expect(pair.client.probe.errors.isEmpty && pair.server.probe.errors.isEmpty)
      #expect(pair.server.probe.peer?.uri == Organisation.fieldURI)
    }
    expect(try visit(with: cases[0]), resumed: false)
    expect(try visit(with: cases[2]), resumed: false)
  }

  // MARK: The cache

  @Test func theOldestGoFirst() throws {
    let small = TLSSessionCache(sessionsMax: 3)
    let server = try organisation.server(sessions: small)
    var tickets: [(TLSContext, [UInt8])] = []
    for number in 0..<5 {
      let field = try organisation.authority.issue(uris: ["officesync://field/f\(number)"])
      let client = try organisation.client(as: field)
      tickets.append((client, try #require(try visit(client, server, with: nil).ticket)))
    }
    #expect(small.count == 3)
    // Each visit puts another one in the place of the oldest.
    expectAnybody(try visit(tickets[4].0, server, with: tickets[4].1), resumed: true)
    expectAnybody(try visit(tickets[0].0, server, with: tickets[0].1), resumed: false)
    #expect(small.count == 3)
  }

  private func expectAnybody(_ pair: EmbeddedPair, resumed: Bool) {
    #expect(pair.client.probe.peer?.isResumed == resumed)
    #expect(pair.server.probe.peer?.isResumed == resumed)
  }
}
