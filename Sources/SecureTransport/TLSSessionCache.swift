import Synchronization

/// What a server keeps of its clients' connections, so that they can come back without certificates for a week. In memory
/// alone: after a restart every client shows its certificate again.
///
/// A client that comes back is judged by its certificate as if it had shown it: by the clock and by the authorities and
/// revocation lists of that moment. One that does not pass has to show it, and is refused in the usual way.
public final class TLSSessionCache: Sendable {
  struct Entry: Sendable {
    let id: [UInt8]
    let session: OpenSSLSession
    let certificates: PeerCertificates
    /// Of the certificate.
    let fingerprint: [UInt8]
  }

  private struct State {
    var entries: [[UInt8]: Entry] = [:]
    /// Oldest first; some of them are gone.
    var order: [[UInt8]] = []
    var byOwner: [[UInt8]: [[UInt8]]] = [:]
  }

  private let state = Mutex(State())
  private let sessionsMax: Int

  /// - Parameter sessionsMax: of these the newest are kept; each takes a few kilobytes.
  public init(sessionsMax: Int = TLSLimits.cachedSessionsMax) {
    self.sessionsMax = sessionsMax
  }

  var count: Int { state.withLock { $0.entries.count } }

  func find(_ id: [UInt8]) -> Entry? { state.withLock { $0.entries[id] } }

  func insert(_ session: OpenSSLSession, of certificates: PeerCertificates) {
    let entry = Entry(
      id: session.id, session: session, certificates: certificates,
      fingerprint: certificates.leaf.fingerprint)
    state.withLock { state in
      state.entries[entry.id] = entry
      state.order.append(entry.id)
      state.byOwner[entry.fingerprint, default: []].append(entry.id)
      // A client needs its last one, and a few where several of its programs come at once.
      let own = state.byOwner[entry.fingerprint] ?? []
      if own.count > TLSLimits.cachedSessionsPerCertificateMax { remove(own[0], from: &state) }
      while state.entries.count > sessionsMax, let oldest = state.order.first {
        state.order.removeFirst()
        remove(oldest, from: &state)
      }
      // Those that are gone must not pile up.
      if state.order.count > 2 * sessionsMax {
        state.order.removeAll { state.entries[$0] == nil }
      }
    }
  }

  private func remove(_ id: [UInt8], from state: inout State) {
    guard let entry = state.entries.removeValue(forKey: id) else { return }
    state.byOwner[entry.fingerprint]?.removeAll { $0 == id }
    if state.byOwner[entry.fingerprint]?.isEmpty == true { state.byOwner[entry.fingerprint] = nil }
  }
}
