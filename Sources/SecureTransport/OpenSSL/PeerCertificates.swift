internal import COpenSSL

/// The certificates by which a peer was verified, kept to verify it again.
///
/// `@unchecked`: certificates are never changed once they are read; OpenSSL counts references to them, and fills in what it
/// works out of them under a lock.
struct PeerCertificates: @unchecked Sendable {
  let leaf: OpenSSLCertificate
  /// From the leaf's issuer to the root, as far as they are known.
  let issuers: [OpenSSLCertificate]

  init(leaf: OpenSSLCertificate, issuers: [OpenSSLCertificate]) {
    self.leaf = leaf
    self.issuers = issuers
  }

  /// Those of a verification that went well.
  init?(verified chain: OpaquePointer) {
    let all = Self.all(in: X509_STORE_CTX_get0_chain(chain))
    guard let leaf = all.first else { return nil }
    self.init(leaf: leaf, issuers: Array(all.dropFirst()))
  }

  /// Those that a peer showed, in its order, before anybody looked at them.
  init?(unverified chain: OpaquePointer) {
    guard let leaf = X509_STORE_CTX_get0_cert(chain) else { return nil }
    let shown = X509_STORE_CTX_get0_untrusted(chain)
    self.init(leaf: OpenSSLCertificate(sharing: leaf), issuers: Self.all(in: shown))
  }

  private static func all(in stack: OpaquePointer?) -> [OpenSSLCertificate] {
    (0..<max(0, shim_X509_stack_count(stack))).compactMap { index in
      shim_X509_stack_at(stack, index).map { OpenSSLCertificate(sharing: $0) }
    }
  }

  /// Seconds since 1970 at which the first of them ends.
  var notAfterSeconds: Int64 {
    issuers.reduce(leaf.notAfter.seconds) { min($0, $1.notAfter.seconds) }
  }

  /// Hands out the issuers as OpenSSL's list, which lives as long as the call.
  func withIssuers<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
    let stack = shim_X509_stack_new()
    defer { shim_X509_stack_free(stack) }
    for issuer in issuers { issuer.withPointer { _ = shim_X509_stack_push(stack, $0) } }
    return body(stack)
  }
}
