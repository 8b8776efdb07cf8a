import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

@Suite struct TLSErrorTests {
  @Test func equalityIsByCode() {
    #expect(TLSError(.truncated, "here") == TLSError(.truncated, "there"))
    #expect(TLSError(.truncated, "here") != TLSError(.notTLS, "here"))
    #expect(TLSError.Code.refusedByPeer(.unknownCA) != .refusedByPeer(.certificateExpired))
  }

  @Test func detailStaysOutOfTheDescription() {
    let error = TLSError(.library, "it failed", librarySteps: ["step 1", "step 2"])
    #expect("\(error)" == "it failed")
    #expect(String(reflecting: error) == "TLSError(library): it failed [step 1; step 2]")
  }

  @Test func alertsKeepTheirNames() {
    #expect(
      "\(TLSError.Code.refusedByPeer(.certificateExpired))" == "refusedByPeer(certificate_expired)")
    #expect(TLSError(.refusedByPeer(.unknownCA), "").peerAlert == .unknownCA)
    #expect(TLSError(.notTLS, "").peerAlert == nil)
    #expect(TLSAlert(rawValue: 7).name == "alert 7")
  }

  /// RFC 8446, section 6: what a client must be able to tell a person.
  @Test(arguments: [
    (42, "bad_certificate"), (44, "certificate_revoked"), (45, "certificate_expired"),
    (48, "unknown_ca"), (70, "protocol_version"), (116, "certificate_required"),
    (120, "no_application_protocol"),
  ])
  func alertFromThePeer(number: Int32, name: String) {
    // OpenSSL's own numbers: library 20 is SSL, and an alert's reason lies 1000 above the alert.
    let step = OpenSSLStep(library: 20, reason: 1000 + number, text: "alert")
    let error = TLSError(protocolFailure: [step])
    #expect(error.peerAlert?.name == name)
    #expect(error.reason.hasPrefix("the peer refused the connection: "))
    #expect(error.librarySteps == ["alert"])
  }

  @Test func theOldestKnownStepDecides() {
    let steps = [
      OpenSSLStep(library: 4, reason: 1048, text: "another library's"),
      OpenSSLStep(library: 20, reason: 199, text: "no certificate"),
      OpenSSLStep(library: 20, reason: 1048, text: "later"),
    ]
    #expect(TLSError(protocolFailure: steps).code == .noCertificate)
    #expect(TLSError(protocolFailure: []).code == .protocolViolation)
  }

  /// OpenSSL's verification results (x509_vfy.h), by number.
  @Test(
    arguments: [
      (2, .unknownAuthority), (7, .unknownAuthority), (9, .certificateNotYetValid),
      (10, .certificateExpired), (18, .unknownAuthority), (20, .unknownAuthority),
      (23, .certificateRevoked), (26, .wrongPurpose), (47, .nameNotPermitted),
      (53, .nameNotPermitted), (62, .hostNameMismatch), (64, .hostNameMismatch),
      (8, .revocationListRejected), (66, .certificateRejected), (9_999, .certificateRejected),
    ] as [(Int32, TLSError.Code)])
  func verifyResult(number: Int32, code: TLSError.Code) {
    #expect(TLSError.Code(verifyResult: number) == code)
  }
}
