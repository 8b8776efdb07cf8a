import Foundation
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

@Suite struct TLSContextTests {
  let organisation: Organisation
  let folder: TestFolder
  /// Complete and right; each test spoils one part.
  var configuration: TLSConfiguration

  init() throws {
    organisation = try Organisation()
    folder = try TestFolder()
    configuration = try organisation.officeConfiguration(in: folder)
  }

  private func expect(_ code: TLSError.Code, _ configuration: TLSConfiguration) -> TLSError? {
    let error = #expect(throws: TLSError(code, "")) { try TLSContext(configuration) }
    return error
  }

  private func pem(_ text: String) -> PEMSource { .bytes(Array(text.utf8)) }

  @Test func filesInAFolder() throws {
    // There is no crl.pem: nothing is revoked.
    let context = try TLSContext(configuration)
    #expect(context.certificate.uris == [Organisation.officeURI])
    #expect(context.revocationListDueSeconds == nil)
    #expect(!context.isRevocationListExpired)
  }

  @Test func revocationListTellsWhenTheNextIsDue() throws {
    let validity = TestPKI.now()
    try folder.write(
      organisation.authority.revocationList(of: [], validity: validity), to: "crl.pem")
    let due = try #require(try TLSContext(configuration).revocationListDueSeconds)
    #expect(due == Int64(validity.upperBound.timeIntervalSince1970))
  }

  @Test func keyThatOthersCanRead() throws {
    for mode in [0o640, 0o604, 0o660, 0o644] {
      let path = try folder.write(organisation.office.keyPEM, to: "office.key", mode: mode)
      #expect(expect(.keyExposed, configuration)?.reason.contains(path) == true)
    }
    try folder.write(organisation.office.keyPEM, to: "office.key", mode: 0o400)
    _ = try TLSContext(configuration)
  }

  @Test func keyOfAnotherCertificate() throws {
    var configuration = configuration
    configuration.privateKey = pem(organisation.field.keyPEM)
    #expect(expect(.keyMismatch, configuration)?.librarySteps.isEmpty == false)
  }

  @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func unreadableKey(_ text: String) throws {
    var configuration = configuration
    configuration.privateKey = pem(text)
    _ = expect(.keyUnreadable, configuration)
  }

  @Test func encryptedKeyIsNamedAsSuch() throws {
    var configuration = configuration
    // A key of nobody, made for this test with a passphrase; it opens nothing.
    configuration.privateKey = pem(
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
        + "00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n-----END EC PRIVATE KEY-----\n"
    )
    #expect(expect(.keyLocked, configuration)?.reason.contains("passphrase") == true)
  }

  @Test func missingFiles() throws {
    let nothing = PEMSource.file(path: "\(folder.path)/nothing")
    var without = configuration
    without.privateKey = nothing
    _ = expect(.keyUnreadable, without)
    without = configuration
    without.certificateChain = nothing
    #expect(expect(.certificateUnreadable, without)?.reason.contains("nothing") == true)
    without = configuration
    without.authorities = nothing
    _ = expect(.authorityUnreadable, without)
  }

  @Test func folderInPlaceOfAFile() throws {
    var configuration = configuration
    configuration.authorities = .file(path: folder.path)
    _ = expect(.authorityUnreadable, configuration)
  }

  @Test func brokenAuthorities() throws {
    var configuration = configuration
    let whole = organisation.authority.authorityPEM
    for text in [
      "", "noise", whole + "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ] {
      configuration.authorities = pem(text)
      _ = expect(.authorityUnreadable, configuration)
    }
  }

  @Test func brokenRevocationList() throws {
    try folder.write("noise", to: "crl.pem")
    _ = expect(.revocationListUnreadable, configuration)
  }

  @Test func ownCertificateExpired() throws {
    let issued = try organisation.authority.issue(
      uris: [Organisation.officeURI], validity: TestPKI.now(plusDays: -30))
    try folder.write(issued, named: "office", authority: organisation.authority)
    _ = expect(.ownCertificateExpired, configuration)
  }

  @Test func ownCertificateNotYetValidNamesTheClock() throws {
    let issued = try organisation.authority.issue(
      uris: [Organisation.officeURI], validity: TestPKI.now(plusDays: 30))
    try folder.write(issued, named: "office", authority: organisation.authority)
    #expect(
      expect(.ownCertificateNotYetValid, configuration)?.reason.contains("clock says 20") == true)
  }

  @Test(arguments: [0, 256])
  func unusableApplicationProtocol(_ length: Int) throws {
    var configuration = configuration
    configuration.applicationProtocol = String(repeating: "x", count: length)
    _ = expect(.configuration, configuration)
  }

  @Test func factsOfACertificate() throws {
    let validity =
      Date(timeIntervalSince1970: 1_000_000_000)...Date(timeIntervalSince1970: 2_000_000_000)
    let issued = try organisation.authority.issue(
      uris: ["officesync://office/fes", "urn:two"],
      hostNames: ["rabat.example", "localhost"], addresses: [[10, 0, 0, 1]], validity: validity)
    let facts = try CertificateFacts(of: pem(issued.chainPEM))
    #expect(facts.uris == ["officesync://office/fes", "urn:two"])
    #expect(facts.hostNames == ["rabat.example", "localhost"])
    #expect(facts.addresses == [[10, 0, 0, 1]])
    #expect(facts.notBeforeSeconds == 1_000_000_000)
    #expect(facts.notAfterSeconds == 2_000_000_000)
    #expect(facts.subject == "CN=officesync://office/fes")
    #expect(facts.fingerprint.count == 64)
  }

  @Test func subjectBeyondASCIIIsReadable() throws {
    let authority = try TestPKI(named: "Centre régional, الدار البيضاء")
    let facts = try CertificateFacts(of: pem(authority.authorityPEM))
    #expect(facts.subject == "CN=Centre régional\\, الدار البيضاء")
    #expect(facts.uris.isEmpty)
  }

  @Test func allocatorIsTunedOnGlibcAlone() {
    #if canImport(Glibc)
      #expect(tuneAllocatorForBulkTransfer())
    #else
      #expect(!tuneAllocatorForBulkTransfer())
    #endif
  }
}
