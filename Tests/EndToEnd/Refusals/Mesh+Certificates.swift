import Foundation
import OfficeSyncTestSupport

extension Mesh {
  /// Puts a certificate, its key and the authority that the store trusts in a store's folder, with an empty revocation
  /// list.
  func certify(_ store: String, _ issued: TestPKI.Issued, trusting authority: TestPKI) throws {
    let files = [
      "identity.pem": issued.chainPEM, "identity.key": issued.keyPEM,
      "ca.pem": authority.authorityPEM, "crl.pem": try authority.revocationList(of: []),
    ]
    for (name, text) in files { try folder.write(text, to: "\(store)/\(name)") }
  }
}

extension TestPKI {
  func field(
    _ name: String, validity: ClosedRange<Date> = TestPKI.now()
  ) throws -> TestPKI.Issued {
    try issue(uris: ["officesync://field/\(name)"], usages: [.client], validity: validity)
  }

  func office(
    _ name: String, hosts: [String] = ["localhost"], validity: ClosedRange<Date> = TestPKI.now()
  ) throws -> TestPKI.Issued {
    try issue(
      uris: ["officesync://office/\(name)"], hostNames: hosts,
      addresses: hosts == ["localhost"] ? [[127, 0, 0, 1]] : [], validity: validity)
  }
}
