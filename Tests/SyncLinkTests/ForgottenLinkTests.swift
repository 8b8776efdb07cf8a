import OfficeSyncProtocol
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Synchronization
import Testing

/// A line that forgets a connection and tells nobody: both ends find out by themselves, and a standing peer comes back.
@Suite(.timeLimit(.minutes(20))) struct ForgottenLinkTests {
  let rabat: Site
  let fes: Site

  init() throws {
    let organisation = try Organisation()
    rabat = try Site("office/rabat", in: organisation)
    fes = try Site("office/fes", in: organisation)
  }

  private enum Seen {
    case exchanged
    case ended(LinkError?)
  }

  /// It takes as long as the protocol lets both sides be silent: 120 s.
  @Test func aStandingPeerNoticesAndComesBack() async throws {
    try rabat.put("a", ["title": "Gare"])
    try await rabat.serving { running in
      try await CuttingProxy.before(port: running.port) { first in
        try await CuttingProxy.before(port: running.port) { second in
          let (seen, see) = AsyncStream.makeStream(of: Seen.self)
          let port = Mutex(first.port)
          let standing = Task { [fes] in
            // A new line after the first one: a NAT that forgot connections makes new ones.
            while !Task.isCancelled {
              let request = SyncClient.Request(
                host: "127.0.0.1", port: port.withLock { $0 }, directions: [.pull, .push],
                collections: [.projects])
              let client = SyncClient(
                software: "test", store: fes.store,
                context: try fes.organisation.context(for: fes.identity, as: .client),
                wall: wallClock)
              let report = await client.stay(
                request, ChangeFeed(store: fes.store), onLive: { _ in },
                onExchange: { _, _ in see.yield(.exchanged) })
              port.withLock { $0 = second.port }
              see.yield(.ended(report.failure))
            }
          }
          var failures: [LinkError?] = []
          for await event in seen {
            switch event {
            case .exchanged where failures.isEmpty: first.forget()
            case .exchanged: standing.cancel()
            case .ended(let failure): failures.append(failure)
            }
            if failures.count == 2 { break }
          }
          try await standing.value
          let failure = try #require(failures.first ?? nil)
          guard case .broken = failure.kind else {
            Issue.record("\(failure)")
            return
          }
          #expect(failure.message == "nothing came for 120 seconds")
        }
      }
      // The office has noticed as well.
      let line = await running.log.line(with: "nothing came for 120 seconds")
      #expect(line.contains("session broken off"))
    }
    #expect(try rabat.snapshot().condition == fes.snapshot().condition)
  }
}
