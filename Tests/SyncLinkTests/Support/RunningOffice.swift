import Logging
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport

/// An office's server on a free port of this machine.
struct RunningOffice: Sendable {
  let port: Int
  let log: LogLines
  let listener: SyncListener
  let rechecks: Rechecks
}

extension Site {
  /// - Parameters:
  ///   - issued: a new certificate unless told otherwise.
  ///   - enrolment: lets strangers in, and answers them.
  ///   - replicasPerDay: more than tests show that are not about that.
  func listener(
    log: LogLines, as issued: TestPKI.Issued? = nil, rechecks: Rechecks = Rechecks(),
    enrolment: (any EnrolmentDesk)? = nil, replicasPerDay: Int = 10_000,
    _ change: (inout SyncListener.Settings) -> Void = { _ in }
  ) throws -> SyncListener {
    var settings = SyncListener.Settings()
    settings.idleTime = .seconds(120)
    change(&settings)
    return SyncListener(
      software: "test", store: store,
      desk: StoreFrontDesk(
        store: store, logger: log.logger, replicasPerDay: replicasPerDay, wall: wallClock),
      feed: ChangeFeed(store: store), enrolment: enrolment, rechecks: rechecks,
      context: try organisation.context(
        of: issued ?? organisation.issue(for: identity), as: .server,
        strangers: enrolment == nil ? nil : Limits.enrolmentProtocol), settings: settings,
      logger: log.logger, wall: wallClock)
  }

  /// Serves while the body runs, and stops in good order.
  func serving<Result: Sendable>(
    log: LogLines = LogLines(), as issued: TestPKI.Issued? = nil,
    enrolment: (any EnrolmentDesk)? = nil, replicasPerDay: Int = 10_000,
    _ change: (inout SyncListener.Settings) -> Void = { _ in },
    _ body: (RunningOffice) async throws -> Result
  ) async throws -> Result {
    let rechecks = Rechecks()
    let listener = try listener(
      log: log, as: issued, rechecks: rechecks, enrolment: enrolment,
      replicasPerDay: replicasPerDay, change)
    let (ports, bound) = AsyncStream.makeStream(of: Int.self)
    let running = Task {
      defer { bound.finish() }
      try await listener.run(on: [("127.0.0.1", 0)]) { bound.yield($0[0].port) }
    }
    for await port in ports {
      let outcome: Swift.Result<Result, any Error>
      do {
        outcome = .success(
          try await body(
            RunningOffice(port: port, log: log, listener: listener, rechecks: rechecks)))
      } catch {
        outcome = .failure(error)
      }
      await listener.stop()
      try await running.value
      return try outcome.get()
    }
    try await running.value
    throw NeverListened()
  }
}

struct NeverListened: Error {}
