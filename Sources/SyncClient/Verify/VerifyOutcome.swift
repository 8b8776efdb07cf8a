import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink

/// What came of one `verify` with a server, as it is told.
struct VerifyOutcome {
  let report: OfficeSyncSyncLink.SyncClient.VerifyReport
  let server: NetworkAddress
  /// IDs under which this store had held damaged copies of other records.
  private let discarded: [CollectionName: [RecordID]]
  private let identity: Identity

  init(
    _ report: OfficeSyncSyncLink.SyncClient.VerifyReport,
    discarded: [CollectionName: [RecordID]], server: NetworkAddress, identity: Identity
  ) {
    self.report = report
    self.discarded = discarded
    self.server = server
    self.identity = identity
  }

  var comparisons: [ComparisonOutcome] { report.comparisons }

  /// What the run as a whole failed with; nil if all collections were compared, or could not be for a reason that `sync`
  /// removes.
  var failure: CommandError? {
    if let failure = report.failure { return CommandError(failure, context(nil)) }
    let errors = comparisons.compactMap(error(of:))
    return errors.first { $0.status == .notAllowed } ?? errors.first
  }

  func error(of comparison: ComparisonOutcome) -> CommandError? {
    comparison.error.map { CommandError($0, context(comparison.collection)) }
  }

  private func context(_ collection: CollectionName?) -> SessionContext {
    SessionContext(
      server: server.description, identity: identity, collection: collection, directions: .pull)
  }

  /// Whether all is the same now, with what was repaired.
  var isGood: Bool { comparisons.allSatisfy { isGood($0) } }

  private func isGood(_ comparison: ComparisonOutcome) -> Bool {
    comparison.isSame != nil && !comparison.isCut
      && comparison.differences.allSatisfy { isRepaired($0, in: comparison) }
  }

  func isRepaired(_ difference: RecordDifference, in comparison: ComparisonOutcome) -> Bool {
    if difference.isRepairable {
      return comparison.repaired == comparison.differences.count(where: \.isRepairable)
    }
    return discarded[comparison.collection]?.contains(difference.id) ?? false
  }

  var isRepairable: Bool { comparisons.contains { $0.differences.contains(where: \.isRepairable) } }

  /// The members of `verify --json` (`docs/CLI.md`) but `ok`.
  var members: [JSONMember] {
    let traffic = report.traffic
    return [
      JSONMember("server", .string(server.description)),
      JSONMember("collections", .array(comparisons.map(json))),
      JSONMember("bytesSent", .count(traffic.bytesSent)),
      JSONMember("bytesReceived", .count(traffic.bytesReceived)),
      JSONMember("roundTrips", .count(report.roundTrips)),
      JSONMember("seconds", .seconds(milliseconds: Int(report.duration / .milliseconds(1)))),
    ]
  }

  private func json(_ comparison: ComparisonOutcome) -> JSONValue {
    var members = [
      JSONMember("name", .string(comparison.collection.text)),
      JSONMember("records", .count(comparison.records)),
      JSONMember("same", comparison.isSame.map { .boolean($0) } ?? .null),
      JSONMember("differences", .array(comparison.differences.map(\.json))),
      JSONMember("more", .boolean(comparison.isCut)),
      JSONMember("repaired", .count(comparison.repaired)),
    ]
    if let obstacle = comparison.obstacle {
      members.append(JSONMember("obstacle", .string(obstacle.name)))
    }
    if let error = error(of: comparison) { members.append(JSONMember("error", error.object)) }
    return .object(members)
  }
}

extension ComparisonOutcome.Obstacle {
  fileprivate var name: String {
    switch self {
    case .knowledgeDiffers: "knowledge-differs"
    case .partial: "half-received"
    }
  }
}

extension RecordDifference {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("id", .string(id.description)),
      JSONMember("here", .string(here.rawValue)),
      JSONMember("there", .string(there.rawValue)),
    ])
  }
}
