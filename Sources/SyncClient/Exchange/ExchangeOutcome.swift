import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink

/// What came of one exchange, as it is told.
struct ExchangeOutcome {
  struct Collection {
    let outcome: ChannelOutcome
    let error: CommandError?
  }

  let server: NetworkAddress
  let report: OfficeSyncSyncLink.SyncClient.Report
  let collections: [Collection]
  /// Collections of this store that the server does not give to this identity, and that nobody asked for by name.
  let leftOut: [CollectionName]
  /// What the run as a whole failed with; nil if all went well.
  let failure: CommandError?

  var peer: PeerInfo? { report.peer }

  /// - Parameter unsent: how many own writes of a collection wait to be sent.
  init(
    _ report: OfficeSyncSyncLink.SyncClient.Report, server: NetworkAddress, request: Exchange,
    identity: Identity, unsent: (CollectionName) throws -> UInt64
  ) throws {
    self.server = server
    self.report = report
    var collections: [Collection] = []
    var leftOut: [CollectionName] = []
    for outcome in report.outcomes {
      if outcome.error?.code == .notAllowed, request.collections == nil,
        try request.directions == .pull || unsent(outcome.collection) == 0
      {
        leftOut.append(outcome.collection)
        continue
      }
      let context = SessionContext(
        server: server.description, identity: identity, collection: outcome.collection,
        directions: request.directions)
      collections.append(
        Collection(outcome: outcome, error: outcome.error.map { CommandError($0, context) }))
    }
    self.collections = collections
    self.leftOut = leftOut
    let context = SessionContext(
      server: server.description, identity: identity, directions: request.directions)
    let errors = collections.compactMap(\.error)
    failure =
      report.failure.map { CommandError($0, context) }
      ?? errors.first { $0.status == .notAllowed } ?? errors.first
  }

  /// The members of `pull|push|sync --json` (CLI.md) but `ok`.
  var members: [JSONMember] {
    let traffic = report.traffic
    let milliseconds = Int(report.duration / .milliseconds(1))
    return [
      JSONMember("server", .string(server.description)),
      JSONMember("collections", .array(collections.map(\.json))),
      JSONMember("bytesSent", .count(traffic.bytesSent)),
      JSONMember("bytesReceived", .count(traffic.bytesReceived)),
      JSONMember("frameBytesSent", .count(traffic.frameBytesSent)),
      JSONMember("frameBytesReceived", .count(traffic.frameBytesReceived)),
      JSONMember("roundTrips", .count(report.roundTrips)),
      JSONMember("healed", .array(report.healings.map(\.json))),
      JSONMember("resumed", .boolean(report.isResumed)),
      JSONMember("seconds", .seconds(milliseconds: milliseconds)),
    ]
  }
}

extension ExchangeOutcome.Collection {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("name", .string(outcome.collection.text)),
      JSONMember("sent", .count(outcome.sent)),
      JSONMember("received", .count(outcome.received)),
      JSONMember("applied", .count(outcome.applied)),
      JSONMember("deferred", .count(outcome.deferred)),
      JSONMember("refused", .count(outcome.refused)),
      JSONMember("newConflicts", .count(outcome.newConflicts)),
      JSONMember("resumed", .boolean(outcome.resumed)),
      JSONMember(
        "fingerprint",
        outcome.standing.map { .string($0.condition.fingerprint.description) } ?? .null),
      JSONMember("inSync", outcome.inSync.map { .boolean($0) } ?? .null),
    ]
    if let error { members.append(JSONMember("error", error.object)) }
    return .object(members)
  }
}

extension JSONValue {
  static func count(_ number: some BinaryInteger) -> JSONValue { .number(String(number)) }

  /// Seconds with three decimals, exactly.
  static func seconds(milliseconds: Int) -> JSONValue {
    let fraction = String(milliseconds % 1_000)
    let zeros = String(repeating: "0", count: 3 - fraction.count)
    return .number("\(milliseconds / 1_000).\(zeros)\(fraction)")
  }
}

extension CommandError {
  /// The `error` member, without what surrounds it in a document.
  var object: JSONValue {
    guard case .object(let members) = json, let error = members.first(where: { $0.name == "error" })
    else { return .null }
    return error.value
  }
}
