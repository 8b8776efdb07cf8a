import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// What becomes of a session's report: exit codes and JSON of `pull`, `push` and `sync`.
struct ExchangeOutcomeTests {
  typealias Report = OfficeSyncSyncLink.SyncClient.Report

  private func outcome(
    _ report: Report, _ directions: Directions = [.pull, .push], naming names: [String]? = nil,
    unsent: UInt64 = 0
  ) throws -> ExchangeOutcome {
    let plain = Terminal(isTerminal: false, reportedColumns: nil, environment: [:])
    let console = Console(
      isJSON: true, isQuiet: false, output: OutputFile(descriptor: 1),
      errors: OutputFile(descriptor: 2), terminal: plain, errorTerminal: plain)
    return try ExchangeOutcome(
      report, server: NetworkAddress(host: "::1", port: 7443),
      request: Exchange(
        directions: directions, collections: try names?.map { try CollectionName($0) },
        console: console), identity: Identity("field/amina"), unsent: { _ in unsent })
  }

  private func report(_ errors: [String: SessionError?]) throws -> Report {
    var report = Report()
    for (name, error) in errors.sorted(by: { $0.key < $1.key }) {
      var outcome = ChannelOutcome(
        collection: try CollectionName(name), directions: [.pull, .push])
      outcome.error = error
      report.outcomes.append(outcome)
    }
    return report
  }

  @Test func theDocumentHasItsMembers() throws {
    var report = try report(["projects": nil])
    report.duration = .milliseconds(1_041)
    let members = JSONValue.object(try outcome(report).members)
    #expect(
      members.names == [
        "server", "collections", "bytesSent", "bytesReceived", "frameBytesSent",
        "frameBytesReceived", "roundTrips", "healed", "resumed", "seconds",
      ])
    #expect(members["server"] == .string("[::1]:7443"))
    #expect(members["seconds"] == .number("1.041"))
    #expect(
      members["collections"]?.items.first?.names == [
        "name", "sent", "received", "applied", "deferred", "refused", "newConflicts",
        "resumed", "fingerprint", "inSync",
      ])
  }

  @Test func oneRefusedCollectionMakesThe77() throws {
    let refused = SessionError(.notAllowed, "", side: .peer)
    let damaged = SessionError(.damaged, "")
    let outcome = try outcome(
      report(["a": damaged, "b": refused, "c": nil]), naming: ["a", "b", "c"])
    #expect(outcome.failure?.status == .notAllowed)
    #expect(outcome.failure?.remedy.contains("syncserver access grant field/amina b`") == true)
    let errors = outcome.collections.map { $0.error?.name }
    #expect(errors == ["contents-differ", "not-allowed", nil])
    let last = JSONValue.object(outcome.members)["collections"]?.items[1]["error"]
    #expect(last?["name"] == .string("not-allowed"))
  }

  @Test func whatNobodyAskedForIsLeftOutUnlessWritesWait() throws {
    let report = try report(["a": SessionError(.notAllowed, "", side: .peer), "b": nil])
    let quiet = try outcome(report)
    #expect(quiet.failure == nil)
    #expect(quiet.leftOut == [try CollectionName("a")])
    #expect(try outcome(report, unsent: 3).failure?.name == "not-allowed")
    #expect(try outcome(report, .pull, unsent: 3).failure == nil)
    #expect(try outcome(report, .pull, naming: ["a", "b"]).failure?.name == "not-allowed")
  }

  @Test func aBrokenLinkKeepsWhatWasDone() throws {
    var report = try report(["a": nil])
    report.failure = LinkError(.broken, "the connection ended before the session")
    let outcome = try outcome(report)
    #expect(outcome.failure?.status == .unreachable)
    #expect(outcome.collections.count == 1)
  }

  @Test func withoutAServerOrWithAnothersCertificateNothingIsTried() async throws {
    let client = try CommandLine()
    #expect(try await client("sync").failure?.name == "no-server")
    let authority = try TestPKI()
    let other = try authority.issue(uris: ["officesync://field/bob"])
    try client.folder.write(other, named: "bob", authority: authority)
    let files = ["bob.pem", "bob.key", "ca.pem"].map { "\(client.folder.path)/\($0)" }
    let answer = try await client(
      "sync", "--server", "127.0.0.1:1", "--cert", files[0], "--key", files[1], "--ca", files[2])
    #expect(answer.status == .usage)
    #expect(answer.failure?.name == "identity-differs")
    let none = try await client("pull", "--server", "127.0.0.1:1")
    #expect(none.status == .notAllowed)
    #expect(none.failure?.name == "certificate-unreadable")
  }

  @Test func nobodyThereIs69AndNotedForStatus() async throws {
    let client = try CommandLine()
    let authority = try TestPKI()
    let own = try authority.issue(uris: ["officesync://field/amina"])
    try client.folder.write(own, named: "own", authority: authority)
    let files = ["own.pem", "own.key", "ca.pem"].map { "\(client.folder.path)/\($0)" }
    let answer = try await client(
      "sync", "--server", "127.0.0.1:1", "--cert", files[0], "--key", files[1], "--ca", files[2],
      "--json")
    #expect(answer.status == .unreachable)
    #expect(answer.failure?.json["collections"] == .array([]))
    let contact = try await client("status", "--json").json()["peers"]?.items.first
    #expect(contact?["result"] == .string("unreachable"))
    let lock = try await RunLock.acquire("\(client.data)/network.lock")
    let busy = try await client("pull", "--server", "127.0.0.1:1")
    withExtendedLifetime(lock) { #expect(busy.status == .busy) }
    #expect(try await client("put", "projects", "p", "a=1").status == .done)
  }
}

/// Codes of what the layers below throw.
struct ErrorTranslationTests {
  @Test(arguments: [
    (TLSError(.unknownAuthority, "x"), 77, "server-unknown-authority"),
    (TLSError(.certificateRevoked, "x"), 77, "server-certificate-revoked"),
    (TLSError(.refusedByPeer(.certificateRevoked), "x"), 77, "certificate-revoked"),
    (TLSError(.refusedByPeer(.unknownCA), "x"), 77, "certificate-unknown-authority"),
    (TLSError(.refusedByPeer(.certificateRequired), "x"), 77, "certificate-missing"),
    (TLSError(.hostNameMismatch, "x"), 77, "server-host-mismatch"),
    (TLSError(.uriRefused, "x"), 77, "server-not-an-office"),
    (TLSError(.protocolVersion, "x"), 77, "tls-too-old"),
    (TLSError(.notTLS, "x"), 76, "not-tls"),
    (TLSError(.noApplicationProtocol, "x"), 76, "not-officesync"),
    (TLSError(.truncated, "x"), 69, "link-broken"),
    (TLSError(.ownCertificateExpired, "x"), 77, "certificate-expired"),
  ])
  func tls(error: TLSError, code: Int32, name: String) {
    let told = CommandError(error)
    #expect(told.status.rawValue == code)
    #expect(told.name == name)
  }

  @Test(arguments: [
    (StorageError.busy, Int32(75)), (.diskFull, 74), (.damaged(detail: "x"), 74),
    (.newer(path: "x", format: 9), 74), (.notOurs(path: "x"), 74), (.exists(path: "x"), 65),
    (.officesOnly, 77), (.limit(.paths(max: 1)), 65), (.foreignOwner(path: "x", user: "y"), 77),
  ])
  func storage(error: StorageError, code: Int32) {
    #expect(CommandError(error).status.rawValue == code)
  }

  @Test(arguments: FailureCode.allCases)
  func everySessionFailureSaysWhatToDo(code: FailureCode) {
    let told = CommandError(
      SessionError(code, "detail", side: .peer), SessionContext(server: "rabat:7443"))
    #expect(told.status.rawValue >= 65)
    #expect(told.message.hasSuffix("."))
    #expect(!told.remedy.isEmpty)
  }
}
