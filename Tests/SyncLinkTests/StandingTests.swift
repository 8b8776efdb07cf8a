import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

/// Sessions that last, over what they were let in by.
@Suite(.timeLimit(.minutes(10))) struct StandingTests {
  let organisation: Organisation
  let office: Site
  let device: Site

  init() throws {
    organisation = try Organisation()
    (office, device) = try organisation.officeAndDevice()
    try office.put("a", ["title": "Gare"])
  }

  /// Stays at the office until the session ends; `body` runs once it is live.
  private func stay(
    _ running: RunningOffice, as context: TLSContext? = nil, rechecks: Rechecks? = nil,
    whenLive body: @escaping @Sendable () throws -> Void = {}
  ) async throws -> SyncClient.Report {
    let client = SyncClient(
      software: "test", store: device.store,
      context: try context ?? organisation.context(for: device.identity, as: .client),
      rechecks: rechecks, wall: wallClock)
    var request = SyncClient.Request(
      host: "127.0.0.1", port: running.port, directions: [.pull, .push], collections: nil)
    request.idleTime = .seconds(120)
    return await client.stay(
      request, ChangeFeed(store: device.store),
      onLive: { _ in
        do { try body() } catch { Issue.record(error) }
      },
      onExchange: { _, _ in })
  }

  @Test func aRevokedDeviceIsThrownOut() async throws {
    let issued = try organisation.issue(for: device.identity)
    let list = try organisation.authority.revocationList(of: [issued])
    let log = LogLines()
    try await office.serving(log: log) { running in
      let report = try await stay(
        running, as: try organisation.context(of: issued, as: .client)
      ) {
        running.rechecks.trustChanged(
          try organisation.context(for: office.identity, as: .server, revoked: list))
      }
      #expect(report.sessionError?.code == .notTrusted)
      #expect(report.failure?.isRefusal == true)
      #expect(await log.line(with: "session broken off").contains("revoked"))
    }
    #expect(try device.snapshot().recordCount == 1)
  }

  @Test func whoIsNotRevokedStays() async throws {
    let lost = try organisation.issue(for: Identity("field/lost"))
    let list = try organisation.authority.revocationList(of: [lost])
    try await office.serving { running in
      let report = try await stay(running) {
        running.rechecks.trustChanged(
          try organisation.context(for: office.identity, as: .server, revoked: list))
        // It is there still for what ends it.
        Task { await running.listener.stop() }
      }
      #expect(report.sessionError?.code == .shuttingDown)
    }
  }

  @Test func aRevokedServerIsLeft() async throws {
    let rechecks = Rechecks()
    let issued = try organisation.issue(for: office.identity)
    let list = try organisation.authority.revocationList(of: [issued])
    try await office.serving(as: issued) { running in
      let report = try await stay(running, rechecks: rechecks) {
        rechecks.trustChanged(
          try organisation.context(for: device.identity, as: .client, revoked: list))
      }
      guard case .security(let error)? = report.failure?.kind else {
        Issue.record("\(String(describing: report.failure))")
        return
      }
      #expect(error.code == .certificateRevoked)
      #expect(report.failure?.isRefusal == false)
    }
  }

  @Test func aCertificateThatEndsEndsTheSession() async throws {
    try await office.serving { running in
      // Long enough for the session to begin where a dozen other tests want the processor, too.
      let end = Date().addingTimeInterval(15)
      let issued = try organisation.issue(
        for: device.identity, validity: end.addingTimeInterval(-86_400)...end)
      let report = try await stay(
        running, as: try organisation.context(of: issued, as: .client))
      #expect(report.sessionError?.code == .notTrusted)
      #expect(report.sessionError?.message.contains("expired") == true)
    }
  }

  /// Whoever puts a certificate right and says so does not wait for the end of a pause that has become long: fifty attempts in
  /// a row that fail would else take most of an hour.
  @Test func whatFailedIsTriedAgainWhenTrustChanges() async throws {
    let rechecks = Rechecks()
    let context = try organisation.context(for: device.identity, as: .client)
    let (attempts, attempted) = AsyncStream.makeStream(of: Void.self)
    let peer = StandingPeer(
      SyncClient.Request(host: "127.0.0.1", port: 1, directions: .pull, collections: nil),
      every: nil, feed: ChangeFeed(store: device.store), rechecks: rechecks,
      client: { throw LinkError(.broken, "the certificate is wrong") },
      observe: { _ in attempted.yield() })
    let running = Task { await peer.run() }
    let administrator = Task {
      while !Task.isCancelled {
        rechecks.trustChanged(context)
        try? await Task.sleep(for: .milliseconds(5))
      }
    }
    var count = 0
    for await _ in attempts {
      count += 1
      if count == 50 { break }
    }
    administrator.cancel()
    running.cancel()
    #expect(await running.value == nil)
  }
}
