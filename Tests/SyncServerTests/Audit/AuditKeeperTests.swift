import Foundation
import Logging
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Synchronization
import Testing

@testable import syncserver

@Suite struct AuditKeeperTests {
  private let folder: TestFolder
  private let log: AuditLog

  init() throws {
    folder = try TestFolder()
    log = AuditLog(of: StoreFolder(path: folder.path))
  }

  private func keeper() -> AuditKeeper {
    AuditKeeper(log, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func lines() throws -> [AuditReader.Line] {
    var lines: [AuditReader.Line] = []
    #expect(try AuditReader(log).forEach(since: .min) { lines.append($0) } == 0)
    return lines
  }

  private func visitor() throws -> Visitor {
    Visitor(
      number: 7, identity: try Identity("field/amina"), address: "192.0.2.7:5000", serial: "4a01",
      isResumed: false)
  }

  private func summary(_ change: (inout SessionSummary) -> Void) throws -> SessionSummary {
    var summary = SessionSummary(visitor: try visitor(), peer: nil, outcomes: [])
    change(&summary)
    return summary
  }

  @Test func aSessionIsConnectedReadAndWrote() async throws {
    let keeper = keeper()
    let name = try CollectionName("projects")
    keeper.note(.connected(try visitor()), run: "ab")
    var outcome = ChannelOutcome(collection: name, directions: [.pull, .push])
    (outcome.sent, outcome.received, outcome.applied) = (3, 2, 1)
    keeper.note(.ended(try summary { $0.outcomes = [outcome] }), run: "ab")
    keeper.finish()
    await keeper.run()
    let lines = try lines()
    #expect(lines.map { $0.text("event") } == ["connected", "read", "wrote"])
    #expect(lines.allSatisfy { $0.text("session") == "ab-7" && $0.text("serial") == "4a01" })
    #expect(
      lines.last?.value.encoded().hasSuffix(#""collection":"projects","records":2,"applied":1}"#)
        == true)
  }

  /// The other side's word and a link that broke are no refusals.
  @Test func whatWasRefusedHasItsCode() async throws {
    let keeper = keeper()
    var outcome = ChannelOutcome(collection: try CollectionName("secret"), directions: .pull)
    outcome.error = SessionError(.notAllowed, "no grant")
    keeper.note(.exchanged(try summary { $0.outcomes = [outcome] }), run: "ab")
    for (kind, message) in [
      (LinkError.Kind.session(SessionError(.protocolViolation, "bad")), "bad"),
      (.session(SessionError(.protocolViolation, "so it says", side: .peer)), "so it says"),
      (.session(SessionError(.idle, "silent")), "silent"), (.broken, "the link broke"),
      (.session(SessionError(.replicaOwnedByAnother, "not its own")), "not its own"),
    ] {
      keeper.note(.ended(try summary { $0.failure = LinkError(kind, message) }), run: "ab")
    }
    keeper.note(
      .refused(Refusal(LinkError(.broken, "nothing came")), address: "192.0.2.9:1", identity: nil),
      run: "ab")
    keeper.finish()
    await keeper.run()
    #expect(
      try lines().map { $0.text("code") } == [
        "not-allowed", "protocol-violation", "replica-owned-by-another", "broken-off",
      ])
    #expect(try lines().first?.text("collection") == "secret")
    #expect(try lines().last?.text("address") == "192.0.2.9:1")
  }

  @Test func aFloodOfRefusalsIsAFewLines() async throws {
    let keeper = keeper()
    for number in 0..<5_000 {
      keeper.note(
        .refused(
          Refusal(code: "not-tls", reason: "noise"), address: "192.0.2.9:\(number)", identity: nil),
        run: "ab")
    }
    keeper.finish()
    await keeper.run()
    let lines = try lines()
    #expect(lines.count == RepeatTally.refusals.ofOneKindMax + 1)
    let last = lines.last?.value.encoded() ?? ""
    #expect(last.contains(#""who":"192.0.2.9","code":"not-tls","count":4995"#), "\(last)")
  }

  /// A device that comes without end drives nobody else out of the log; how often it came, and what it took, is there all
  /// the same.
  @Test func aFloodOfSessionsIsAFewLines() async throws {
    let keeper = keeper()
    var outcome = ChannelOutcome(collection: try CollectionName("projects"), directions: .pull)
    outcome.sent = 2
    var summary = try summary { $0.outcomes = [outcome] }
    for number in 0..<2_000 {
      summary.visitor.number = number
      keeper.note(.connected(summary.visitor), run: "ab")
      keeper.note(.ended(summary), run: "ab")
    }
    keeper.finish()
    await keeper.run()
    let lines = try lines()
    let max = RepeatTally.connections.ofOneKindMax
    #expect(lines.count <= 2 * max + 3)
    #expect(lines.allSatisfy { $0.text("identity") == "field/amina" })
    let written = lines.map { $0.value.encoded() }
    #expect(
      written.contains {
        $0.contains(#""event":"connected","identity":"field/amina","count":1900"#)
      })
    let records = lines.filter { $0.text("event") == "read" }.compactMap { line -> Int? in
      guard case .object(let members) = line.value else { return nil }
      return members.first { $0.name == "records" }.flatMap { Int($0.value.encoded()) }
    }
    #expect(records.reduce(0, +) == 4_000)
  }

  /// Nothing is missed in silence: what the disk did not take is a number as soon as it does.
  @Test func whatCouldNotBeWrittenIsCounted() async throws {
    // In the way of the folder.
    let path = folder.path + "/audit"
    try Data().write(to: URL(filePath: path))
    let complaints = Mutex(0)
    let logger = Logger(label: "test") { _ in
      LineLogHandler(.json, level: .error, now: { 0 }) { _ in complaints.withLock { $0 += 1 } }
    }
    let keeper = AuditKeeper(log, logger: logger)
    for _ in 0..<3 { keeper.note(.reloaded, []) }
    let running = Task { await keeper.run() }
    while complaints.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(10)) }
    try FileManager.default.removeItem(atPath: path)
    keeper.note(.stopped, [])
    keeper.finish()
    await running.value
    let lines = try lines()
    #expect(lines.map { $0.text("event") } == ["lost", "stopped"])
    #expect(lines.first?.value.encoded().contains(#""count":3"#) == true)
    // Told once, and not for each.
    #expect(complaints.withLock { $0 } == 1)
  }
}
