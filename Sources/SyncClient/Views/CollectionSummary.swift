import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// How a collection stands in this store.
struct CollectionSummary {
  let name: CollectionName
  let records: UInt64
  let openConflicts: UInt64
  let unsent: UInt64
  let refusals: [(id: RecordID, reason: String)]
  let fingerprint: Fingerprint
  let knowledge: VersionVector

  init(_ snapshot: any CollectionSnapshot) throws {
    name = snapshot.collection
    records = snapshot.liveRecordCount
    openConflicts = snapshot.openConflictCount
    unsent = try snapshot.unsentCount
    refusals = try snapshot.refusals
    fingerprint = try snapshot.condition.fingerprint
    knowledge = try snapshot.knowledge.open
  }

  /// What `collections` says of it.
  var members: [JSONMember] {
    [
      JSONMember("name", .string(name.text)), JSONMember("records", .number(String(records))),
      JSONMember("conflicts", .number(String(openConflicts))),
      JSONMember("unsent", .number(String(unsent))),
      JSONMember("refused", .number(String(refusals.count))),
    ]
  }

  /// What `status` says of it.
  var allMembers: [JSONMember] {
    members + [
      JSONMember("fingerprint", .string(fingerprint.description)),
      JSONMember("knowledge", knowledge.json),
    ]
  }
}

/// Collections as people read them.
struct CollectionTable {
  private var table: TableWriter

  init(_ console: Console) {
    table = console.table([
      Table.Column(Texts.collection, isKept: true),
      Table.Column(Texts.records, alignment: .trailing),
      Table.Column(Texts.conflicts, alignment: .trailing),
      Table.Column(Texts.unsent, alignment: .trailing),
      Table.Column(Texts.refused, alignment: .trailing),
    ])
  }

  mutating func add(_ summary: CollectionSummary) throws {
    let counts = [
      summary.records, summary.openConflicts, summary.unsent, UInt64(summary.refusals.count),
    ]
    try table.add([summary.name.text] + counts.map { Amounts.count(Int(clamping: $0)) })
  }

  mutating func finish() throws { try table.finish() }
}
