import Foundation
import NIOCore
import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncTestSupport
import Synchronization
import Testing

@testable import OfficeSyncSyncLink

/// Devices that are not known yet at a server: what they get, and what they cannot do.
@Suite(.timeLimit(.minutes(10))) struct EnrolmentTests {
  private let organisation: Organisation
  private let office: Site
  private let device: Site
  private let log = LogLines()
  private let desk: TestDesk
  /// What the new device shows: nobody's certificate.
  private let own: TestPKI.Issued

  /// Takes every token, and notes who came.
  private final class TestDesk: EnrolmentDesk {
    let organisation: Organisation
    let certificate: [UInt8]
    let seen = Mutex<[EnrolmentMessage.Application]>([])
    let renewed = Mutex<[Identity]>([])

    init(_ organisation: Organisation, for identity: Identity) throws {
      self.organisation = organisation
      certificate = try Self.der(organisation.issue(for: identity).chainPEM)
    }

    static func der(_ pem: String) throws -> [UInt8] {
      try CertificatePEM.ders(of: .bytes(Array(pem.utf8)))[0]
    }

    func authorities() throws -> [[UInt8]] { [try Self.der(organisation.authority.authorityPEM)] }

    func answer(
      _ application: EnrolmentMessage.Application, certificateDER: [UInt8], from address: String
    ) -> EnrolmentMessage {
      seen.withLock { $0.append(application) }
      return .issued(EnrolmentMessage.Issued(chain: [certificate], access: []))
    }

    func renew(
      _ identity: Identity, software: String, certificateDER: [UInt8], from address: String
    ) -> EnrolmentMessage {
      renewed.withLock { $0.append(identity) }
      return .issued(EnrolmentMessage.Issued(chain: [certificate], access: []))
    }
  }

  init() throws {
    organisation = try Organisation()
    (office, device) = try organisation.officeAndDevice()
    desk = try TestDesk(organisation, for: Identity("field/nouveau"))
    own = try TestPKI().issue(uris: [])
  }

  private func token(
    port: Int, authority: TestPKI? = nil, identity: String = "field/nouveau"
  ) throws -> EnrolmentToken {
    let der = try TestDesk.der((authority ?? organisation.authority).authorityPEM)
    return try #require(
      EnrolmentToken(
        identity: Identity(identity), host: "127.0.0.1", port: port,
        authority: CertificatePEM.fingerprint(of: der), secret: [UInt8](repeating: 9, count: 16),
        asksForPIN: false))
  }

  private func enrol(
    _ token: EnrolmentToken, time: Duration = .seconds(120)
  ) async throws -> Enroller.Credentials {
    try await Enroller(token: token, pin: "", software: "test").enrol(
      certificatePEM: Array(own.chainPEM.utf8), keyPEM: Array(own.keyPEM.utf8), time: time)
  }

  /// A stranger that says what a test wants.
  private func stranger<Result: Sendable>(
    port: Int, _ body: (inout EnrolmentLink) async throws -> Result
  ) async throws -> Result {
    let context = try TLSContext(
      TLSConfiguration(
        role: .client, certificateChain: .bytes(Array(own.chainPEM.utf8)),
        privateKey: .bytes(Array(own.keyPEM.utf8)), authorities: nil,
        strangerProtocol: Limits.enrolmentProtocol, acceptsPeerURI: { _ in true }))
    let connection = try await Dialer(context: context, tickets: nil).dialStranger(
      host: "127.0.0.1", port: port, connectTime: .seconds(60))
    return try await EnrolmentLink.run(on: connection, time: .seconds(120), body)
  }

  @Test func aDeviceGetsWhatItsTokenPromises() async throws {
    try await office.serving(log: log, enrolment: desk) { running in
      let credentials = try await enrol(token(port: running.port))
      #expect(credentials.office == office.identity)
      let facts = try CertificateFacts(of: .bytes(credentials.certificatePEM))
      #expect(facts.uris == ["officesync://field/nouveau"])
      #expect(desk.seen.withLock { $0.map(\.secret) } == [[UInt8](repeating: 9, count: 16)])
    }
  }

  /// The secret goes to nobody but the token's office.
  @Test func aServerOfAnotherOrganisationHearsNothing() async throws {
    try await office.serving(log: log, enrolment: desk) { running in
      let token = try token(port: running.port, authority: TestPKI())
      await #expect(throws: LinkError.self) { try await enrol(token) }
      #expect(desk.seen.withLock { $0.isEmpty })
    }
  }

  @Test func aCertificateForSomebodyElseIsNotTaken() async throws {
    try await office.serving(log: log, enrolment: desk) { running in
      let token = try token(port: running.port, identity: "field/other")
      do {
        _ = try await enrol(token)
        Issue.record("another's certificate was taken")
      } catch let error as LinkError {
        guard case .enrolment(let refusal) = error.kind else { throw error }
        #expect(refusal.code == .protocolViolation)
      }
    }
  }

  /// Nothing of the store is to be had without a certificate, whatever is asked.
  @Test(
    arguments: [
      Array("GARBAGE GARBAGE".utf8), [0, 0, 0, 0], [0, 0, 0x10, 1, 2], [0, 0, 0, 1, 0x7F],
      [0, 0, 0, 2, 1, 0], [0, 0, 0, 3, 2, 1, 1],
    ] as [[UInt8]])
  func whatIsNoApplicationIsRefused(_ bytes: [UInt8]) async throws {
    try await office.serving(log: log, enrolment: desk) { running in
      try await stranger(port: running.port) { link in
        _ = try await link.receive()
        try await link.send(bytes: bytes)
        guard case .refused(let refusal) = try await link.receive() else {
          Issue.record("it was taken")
          return
        }
        #expect(refusal.code == .protocolViolation)
      }
      #expect(desk.seen.withLock { $0.isEmpty })
      #expect(try await device.sync(port: running.port).failure == nil)
    }
  }

  /// Even a Hello: strangers speak another language.
  @Test func aStrangersHelloIsRefused() async throws {
    try await office.serving(log: log, enrolment: desk) { running in
      try await stranger(port: running.port) { link in
        _ = try await link.receive()
        try await link.send(bytes: device.hello.frame.encoded)
        guard case .refused = try await link.receive() else {
          Issue.record("it was taken")
          return
        }
      }
    }
  }

  @Test func whoSaysNothingIsCutOff() async throws {
    try await office.serving(
      log: log, enrolment: desk, { $0.enrolmentTime = .milliseconds(200) }
    ) { running in
      await #expect(throws: (any Error).self) {
        try await stranger(port: running.port) { link in
          _ = try await link.receive()
          _ = try await link.receive()
        }
      }
      let line = await log.line(with: "enrolment broken off")
      #expect(line.contains("address=127.0.0.1:"))
      while try await device.sync(port: running.port).failure != nil { await Task.yield() }
    }
  }

  // MARK: Renewal

  private func renew(as issued: TestPKI.Issued, port: Int) async throws -> [UInt8] {
    let files = CredentialFiles(
      certificate: device.folder.path + "/identity.pem", key: device.folder.path + "/identity.key",
      authority: device.folder.path + "/ca.pem", revocationList: device.folder.path + "/crl.pem")
    for (path, text) in [
      (files.certificate, issued.chainPEM), (files.key, issued.keyPEM),
      (files.authority, organisation.authority.authorityPEM),
    ] {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    chmod(files.key, 0o600)
    return try await CertificateRenewal.renew(
      files, for: Identity("field/nouveau"), host: "127.0.0.1", port: port, software: "test",
      time: .seconds(120)
    ).certificatePEM
  }

  @Test func aDeviceOfTheOrganisationIsRenewed() async throws {
    try await office.serving(log: log, enrolment: desk) { running in
      let own = try organisation.issue(for: Identity("field/nouveau"))
      #expect(try await !renew(as: own, port: running.port).isEmpty)
      #expect(desk.renewed.withLock { $0 } == [try Identity("field/nouveau")])
    }
  }

  /// Whoever is not let in is not renewed either: nobody's, another organisation's, or one whose time is over.
  @Test func whoIsNotTrustedIsNotRenewed() async throws {
    let identity = try Identity("field/nouveau")
    try await office.serving(log: log, enrolment: desk) { running in
      for issued in [own, try TestPKI().issue(uris: [identity.uri], usages: [.client])] {
        do {
          _ = try await renew(as: issued, port: running.port)
          Issue.record("it was renewed")
        } catch let error as LinkError {
          guard case .enrolment(let refusal) = error.kind else { throw error }
          #expect(refusal.code == .notTrusted)
        }
      }
      #expect(desk.renewed.withLock { $0.isEmpty })
    }
  }

  @Test func theLastThirdOfItsLifeIsTheTime() throws {
    let issued = try organisation.authority.issue(
      uris: [], validity: Date(timeIntervalSince1970: 1_000)...Date(timeIntervalSince1970: 4_000))
    let facts = try CertificateFacts(of: .bytes(Array(issued.chainPEM.utf8)))
    #expect([999, 2_999, 4_000, 9_999].allSatisfy { !CertificateRenewal.isDue(facts, at: $0) })
    #expect([3_000, 3_999].allSatisfy { CertificateRenewal.isDue(facts, at: $0) })
  }

  @Test func aServerThatEnrolsNobodySaysSo() async throws {
    try await office.serving(log: log) { running in
      let token = try token(port: running.port)
      do {
        _ = try await enrol(token)
        Issue.record("it enrolled")
      } catch let error as LinkError {
        guard case .security(let error) = error.kind else { throw error }
        #expect(error.peerAlert == .noApplicationProtocol)
      }
    }
  }
}
