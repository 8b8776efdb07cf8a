import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink

/// What came of one run of `replicate`, as it is told.
struct CourierOutcome {
  struct Collection {
    var outcome: RelayOutcome
    let error: CommandError?
  }

  let servers: [RelayEnd: NetworkAddress]
  private(set) var report: Courier.Report
  private(set) var collections: [Collection]
  /// Collections that an office does not give to this identity, and that nobody asked for by name.
  let leftOut: [CollectionName]
  /// What the run as a whole failed with; nil if all went well.
  let failure: CommandError?
  private var attempts = 1

  init(_ report: Courier.Report, of run: CourierRun, identity: Identity) {
    servers = [.from: run.from, .to: run.to]
    self.report = report
    func context(
      _ end: RelayEnd, _ collection: CollectionName? = nil,
      _ directions: Directions = [.pull, .push]
    ) -> SessionContext {
      SessionContext(
        server: (end == .from ? run.from : run.to).description, identity: identity,
        collection: collection, directions: directions)
    }
    var collections: [Collection] = []
    var leftOut: [CollectionName] = []
    for outcome in report.outcomes {
      let name = outcome.collection
      if outcome.isRefused, run.collections == nil {
        leftOut.append(name)
        continue
      }
      var error = outcome.failure.map { CommandError($0.error, context($0.end, name)) }
      if let (source, denial) = outcome.denied.min(by: { $0.key.rawValue < $1.key.rawValue }),
        error == nil, run.collections != nil || denial.error.code != .notAllowed
      {
        let direction: Directions = source == denial.end ? .pull : .push
        error = CommandError(denial.error, context(denial.end, name, direction))
      }
      collections.append(Collection(outcome: outcome, error: error))
    }
    self.collections = collections
    self.leftOut = leftOut
    let errors = collections.compactMap(\.error)
    let isOneOffice =
      report.offices[.from] != nil
      && report.offices[.from]?.replica == report.offices[.to]?.replica
    failure =
      isOneOffice
      ? .sameOffice(run.from)
      : report.failure.map { CommandError($0.error, context($0.end)) }
        ?? errors.first { $0.status == .notAllowed } ?? errors.first
  }

  /// With what earlier attempts carried.
  func following(_ earlier: CourierOutcome) -> CourierOutcome {
    var sum = self
    sum.attempts += earlier.attempts
    sum.report.duration += earlier.report.duration
    for (end, traffic) in earlier.report.traffic {
      sum.report.traffic[end, default: Traffic()].add(traffic)
    }
    for before in earlier.collections {
      let index = sum.collections.firstIndex {
        $0.outcome.collection == before.outcome.collection
      }
      if let index {
        sum.collections[index].outcome.follow(before.outcome)
      } else {
        sum.collections.append(before)
      }
    }
    return sum
  }

  var hasCarried: Bool {
    collections.contains { $0.outcome.flows.values.contains { $0.carried > 0 } }
  }

  var warnings: [Prose] {
    RelayEnd.allCases.flatMap { end -> [Prose] in
      guard let server = servers[end] else { return [] }
      return (report.warnings[end] ?? []).map { ExchangeTexts.warning($0, server) }
    } + report.healed.map { CourierTexts.healed($0) }
  }

  /// The members of `replicate --json` (CLI.md) but `ok`.
  var members: [JSONMember] {
    let traffic = report.traffic.values
    return [
      JSONMember("from", address(.from)), JSONMember("to", address(.to)),
      JSONMember("collections", .array(collections.map(\.json))),
      JSONMember("bytesSent", .count(traffic.reduce(0) { $0 + $1.bytesSent })),
      JSONMember("bytesReceived", .count(traffic.reduce(0) { $0 + $1.bytesReceived })),
      JSONMember("attempts", .count(attempts)),
      JSONMember("resumed", .boolean(report.resumed.count == RelayEnd.allCases.count)),
      JSONMember("seconds", .seconds(milliseconds: Int(report.duration / .milliseconds(1)))),
    ]
  }

  private func address(_ end: RelayEnd) -> JSONValue {
    servers[end].map { .string($0.description) } ?? .null
  }
}

extension RelayOutcome {
  /// Whether an office gives nothing of it to this identity.
  var isRefused: Bool { failure?.error.code == .notAllowed }

  func carried(from end: RelayEnd) -> UInt64 { flows[end]?.carried ?? 0 }

  func total(_ count: KeyPath<OfficeSyncProtocol.Result, UInt64>) -> UInt64 {
    flows.values.reduce(0) { $0 + ($1.result?[keyPath: count] ?? 0) }
  }
}

extension CourierOutcome.Collection {
  fileprivate var json: JSONValue {
    let standing = outcome.standings[.to] ?? outcome.standings[.from]
    var members = [
      JSONMember("name", .string(outcome.collection.text)),
      JSONMember("fromTo", .count(outcome.carried(from: .from))),
      JSONMember("toFrom", .count(outcome.carried(from: .to))),
      JSONMember("applied", .count(outcome.total(\.applied))),
      JSONMember("newConflicts", .count(outcome.total(\.newConflicts))),
      JSONMember(
        "fingerprint",
        standing.map { .string($0.condition.fingerprint.description) } ?? .null),
      JSONMember("inSync", outcome.inSync.map { .boolean($0) } ?? .null),
    ]
    if let error { members.append(JSONMember("error", error.object)) }
    return .object(members)
  }
}
