import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Whoever wants a revocation list that is within its time trusts nobody without one.
@Suite(.timeLimit(.minutes(5))) struct StrictListTests {
  private let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  private func list(plusDays days: Double = 0) throws -> String {
    try organisation.authority.revocationList(of: [], validity: TestPKI.now(plusDays: days))
  }

  @Test func aCurrentListLetsIn() async throws {
    let (server, client) = try await meet(
      server: organisation.server(revoked: list(), isStrict: true),
      client: organisation.client(revoked: list(), isStrict: true))
    #expect(server.peer?.uri == Organisation.fieldURI && server.peer?.warnings == [])
    #expect(client.peer?.uri == Organisation.officeURI)
  }

  /// Past its time, dated in the future, another authority's, none at all.
  @Test(arguments: [-30, 30, 0, nil] as [Double?])
  func withoutOneNobodyIsLetIn(_ days: Double?) async throws {
    let list: String? =
      switch days {
      case nil: nil
      case 0: try TestPKI(named: "Stranger").revocationList(of: [])
      case let days?: try list(plusDays: days)
      }
    let (server, client) = try await meet(
      server: organisation.server(revoked: list, isStrict: true), client: organisation.client())
    #expect(server.peer == nil && server.code == .revocationListRejected)
    #expect(client.code == .refusedByPeer(.certificateUnknown))
    // Otherwise it is let in, and that is told.
    let (lenient, _) = try await meet(
      server: organisation.server(revoked: list), client: organisation.client())
    #expect(lenient.peer != nil && lenient.peer?.warnings.isEmpty == (list == nil))
  }

  @Test func aClientMayWantOneToo() async throws {
    let (_, client) = try await meet(
      server: organisation.server(),
      client: organisation.client(revoked: list(plusDays: -30), isStrict: true))
    #expect(client.peer == nil && client.code == .revocationListRejected)
  }

  /// Of a connection that is open, and one that is resumed.
  @Test func itIsLookedAtAgain() throws {
    let pair = try EmbeddedPair(client: organisation.client(), server: organisation.server())
    try pair.connect()
    try pair.carry()
    let old = try list(plusDays: -30)
    #expect(throws: Never.self) {
      try pair.server.handler.verifyPeerAgain(by: organisation.server(revoked: old))
    }
    let error = #expect(throws: TLSError.self) {
      try pair.server.handler.verifyPeerAgain(
        by: organisation.server(revoked: old, isStrict: true))
    }
    #expect(error?.code == .revocationListRejected)
    // What was said of an older list is not held against a newer one.
    let peer = try pair.server.handler.verifyPeerAgain(
      by: organisation.server(revoked: list(), isStrict: true))
    #expect(peer.warnings == [])
  }
}
