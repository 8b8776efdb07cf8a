/// What a client keeps of a connection to come back without certificates: the session, and those of the server, to judge
/// them again before the session is offered.
struct Ticket {
  /// The text begins with this, and the fingerprint of the certificate that the client had shown.
  private static let mark = "officesync ticket 1 "

  let session: OpenSSLSession
  let certificates: PeerCertificates

  init(session: OpenSSLSession, certificates: PeerCertificates) {
    self.session = session
    self.certificates = certificates
  }

  /// - Parameter own: the fingerprint of the certificate that this side shows now.
  /// - Returns: nil for a text that is damaged, that belongs to another certificate, or whose time is over.
  init?(_ text: [UInt8], of own: String) {
    guard text.starts(with: Array((Self.mark + own + "\n").utf8)),
      let session = OpenSSLSession(inPEM: text), session.isResumable,
      let chain = try? OpenSSLCertificate.all(
        inPEM: text, failingWith: .certificateUnreadable, "certificate"),
      let leaf = chain.first, session.wasMade(with: leaf)
    else { return nil }
    self.session = session
    certificates = PeerCertificates(leaf: leaf, issuers: Array(chain.dropFirst()))
  }

  /// - Returns: nil if OpenSSL cannot write it.
  func text(of own: String) -> [UInt8]? {
    var text = Array((Self.mark + own + "\n").utf8)
    // The root is here already.
    for certificate in [certificates.leaf] + certificates.issuers where !certificate.isSelfIssued {
      guard let pem = certificate.pem else { return nil }
      text += pem
    }
    guard let pem = session.pem else { return nil }
    return text + pem
  }
}
