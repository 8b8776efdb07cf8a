import OfficeSyncTestSupport

@testable import OfficeSyncSecureTransport

/// One organisation: an authority, an office that serves on localhost, a field device that dials it.
struct Organisation {
  static let officeURI = "officesync://office/rabat"
  static let fieldURI = "officesync://field/amina"

  let authority: TestPKI
  let office: TestPKI.Issued
  let field: TestPKI.Issued

  init() throws {
    authority = try TestPKI()
    office = try authority.issue(
      uris: [Self.officeURI], hostNames: ["localhost"], addresses: [[127, 0, 0, 1]])
    field = try authority.issue(uris: [Self.fieldURI], usages: [.client])
  }

  /// Of the office's server, by files that are written into a folder. There is no list of revoked certificates.
  func officeConfiguration(in folder: TestFolder) throws -> TLSConfiguration {
    try folder.write(office, named: "office", authority: authority)
    return TLSConfiguration(
      role: .server, certificateChain: .file(path: "\(folder.path)/office.pem"),
      privateKey: .file(path: "\(folder.path)/office.key"),
      authorities: .file(path: "\(folder.path)/ca.pem"),
      revocationLists: .file(path: "\(folder.path)/crl.pem"), acceptsPeerURI: { _ in true })
  }

  /// - Parameters:
  ///   - trusted: PEM, this organisation's authority unless told otherwise.
  ///   - accepts: any office or field device of this organisation, unless told otherwise.
  func server(
    as issued: TestPKI.Issued? = nil, trusting trusted: String? = nil, revoked: String? = nil,
    sessions: TLSSessionCache? = nil, isStrict: Bool = false,
    accepts: @escaping @Sendable (String) -> Bool = { $0.hasPrefix("officesync://") }
  ) throws -> TLSContext {
    try context(.server, issued ?? office, trusted, revoked, accepts, sessions, isStrict)
  }

  /// Takes a server whose role is office, as a real client does.
  func client(
    as issued: TestPKI.Issued? = nil, trusting trusted: String? = nil, revoked: String? = nil,
    isStrict: Bool = false,
    accepts: @escaping @Sendable (String) -> Bool = { $0.hasPrefix("officesync://office/") }
  ) throws -> TLSContext {
    try context(.client, issued ?? field, trusted, revoked, accepts, nil, isStrict)
  }

  private func context(
    _ role: TLSConfiguration.Role, _ issued: TestPKI.Issued, _ trusted: String?,
    _ revoked: String?, _ accepts: @escaping @Sendable (String) -> Bool,
    _ sessions: TLSSessionCache?, _ isStrict: Bool
  ) throws -> TLSContext {
    var configuration = TLSConfiguration(
      role: role, certificateChain: .bytes(Array(issued.chainPEM.utf8)),
      privateKey: .bytes(Array(issued.keyPEM.utf8)),
      authorities: .bytes(Array((trusted ?? authority.authorityPEM).utf8)),
      revocationLists: revoked.map { .bytes(Array($0.utf8)) }, sessions: sessions,
      acceptsPeerURI: accepts)
    configuration.requiresCurrentLists = isStrict
    // Peers with a wrong clock are played by certificates with wrong dates.
    return try TLSContext(configuration, checksOwnValidity: false)
  }
}
