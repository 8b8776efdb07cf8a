import Foundation
import OfficeSyncRecords
import Testing
import X509

@testable import syncclient
@testable import syncserver

/// What the device asks for is what the authority takes.
@Test func theAuthorityTakesTheDevicesRequest() throws {
  let identity = try Identity("field/amina")
  let pem = try Data(SigningRequest(for: identity).requestPEM.utf8)
  let request = try CertificateSigningRequest.checked(pem, for: identity)
  #expect(request.subject.isEmpty)
  #expect(throws: (any Error).self) {
    try CertificateSigningRequest.checked(pem, for: Identity("office/amina"))
  }
}
