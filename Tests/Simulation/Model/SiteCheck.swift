import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// Holds one collection of one replica against the model.
struct SiteCheck {
  let site: Site
  let view: any CollectionSnapshot
  let subjects: [Subject]
  let log: CausalLog
  let suspects: Set<ReplicaID>

  /// A record that was found right, with what it adds to the collection's sums.
  struct Checked {
    var record: Record
    var schema: (record: Record, schema: Schema)
    var seen: WriteSet
    var fingerprint: Fingerprint
    var isLive: Bool
    var openConflicts: UInt64
  }

  /// - Parameter found: what was found right before; what has not changed since is not looked at again.
  func run(_ found: inout [CausalLog.Key: Checked]) throws {
    let schemaRecord = try view.record(.schema) ?? Record()
    // Every record of the collection was looked at under one schema.
    let last = subjects.lazy.compactMap { [found] in found[$0.key]?.schema }.first
    let schema = last?.record == schemaRecord ? last?.schema : nil
    let rules = (record: schemaRecord, schema: schema ?? Schema(record: schemaRecord))
    var fingerprint = Fingerprint.zero
    var (records, live, open): (UInt64, UInt64, UInt64) = (0, 0, 0)
    var newest = VersionVector()
    for subject in subjects {
      guard let record = try view.record(subject.id) else {
        try checkMissing(subject)
        continue
      }
      let seen = site.ghost.seen(subject.key)
      let before = found[subject.key]
      let checked: Checked
      if let before, before.record == record, before.seen == seen,
        before.schema.record == schemaRecord
      {
        checked = before
      } else {
        checked = try check(record, subject, seen, rules)
      }
      found[subject.key] = checked
      records += 1
      live += checked.isLive ? 1 : 0
      open += checked.openConflicts
      newest.join(record.clock)
      fingerprint = fingerprint + checked.fingerprint
    }
    try expect(view.condition.fingerprint == fingerprint, "sum", "the fingerprint does not add up")
    try expect(view.recordCount == records, "sum", "\(view.recordCount) records, not \(records)")
    try expect(view.liveRecordCount == live, "sum", "\(view.liveRecordCount) live, not \(live)")
    try expect(view.openConflictCount == open, "sum", "\(view.openConflictCount) open, not \(open)")
    let isPartial = !newest.isCovered(by: view.knowledge.vector)
    try expect(view.condition.isPartial == isPartial, "sum", "partial is not \(isPartial)")
    try expect(try view.origins() == newest.entries.map(\.replica), "index", "origins differ")
    try checkKnowledge()
  }

  private func check(
    _ record: Record, _ subject: Subject, _ seen: WriteSet,
    _ rules: (record: Record, schema: Schema)
  ) throws -> Checked {
    let shown = log.shown(subject.key, having: seen)
    try checkSiblings(of: record, subject, shown)
    try checkClock(of: record, subject)
    let reading = RecordView(record, schema: rules.schema)
    try checkConflicts(reading, subject, shown)
    return Checked(
      record: record, schema: rules, seen: seen,
      fingerprint: Fingerprint(
        collection: view.collection, id: subject.id, record: RecordEncoder.encode(record)),
      isLive: !subject.id.isReserved && !reading.isDeleted,
      openConflicts: UInt64(reading.openConflictCount))
  }

  private func checkMissing(_ subject: Subject) throws {
    let seen = site.ghost.seen(subject.key)
    try expect(seen.isEmpty, "lost-write", "\(subject.id) is gone, with \(list(seen))")
  }

  /// No write is lost, resurrected or invented.
  private func checkSiblings(
    of record: Record, _ subject: Subject, _ shown: [FieldPath: WriteSet]
  ) throws {
    var held: [FieldPath: WriteSet] = [:]
    for field in record.fields {
      try expect(field.withheld.isEmpty, "invented", "\(subject.id) is stored without values")
      for sibling in field.siblings {
        let write = Int(sibling.write.note)
        guard let write, write < log.writes.count, log.writes[write].key == subject.key,
          log.writes[write].contents[field.path] == sibling.content
        else {
          throw violation("invented", "\(subject.id) shows at \(field.path) what nobody wrote")
        }
        held[field.path, default: WriteSet()].insert(write)
      }
    }
    for path in Set(held.keys).union(shown.keys).sorted() {
      let (is_, due) = (held[path] ?? WriteSet(), shown[path] ?? WriteSet())
      if is_ == due { continue }
      let lost = due.subtracting(is_)
      if !lost.isEmpty {
        throw violation("lost-write", "\(subject.id) at \(path) lacks \(list(lost))")
      }
      throw violation(
        "resurrected", "\(subject.id) at \(path) shows \(list(is_.subtracting(due))) again")
    }
  }

  /// A record's clock is exactly what was seen of it.
  private func checkClock(of record: Record, _ subject: Subject) throws {
    var due = VersionVector()
    for write in site.ghost.seen(subject.key) { due.insert(log.writes[write].dot) }
    let origins = Set(due.entries.map(\.replica)).union(record.clock.entries.map(\.replica))
    for origin in origins.subtracting(suspects).sorted() where due[origin] != record.clock[origin] {
      throw violation(
        "clock",
        "\(subject.id) says \(record.clock[origin]) of \(name(origin)), which is \(due[origin])")
    }
  }

  /// What is shown as a conflict is what was written concurrently, and nothing else.
  private func checkConflicts(
    _ reading: RecordView, _ subject: Subject, _ shown: [FieldPath: WriteSet]
  ) throws {
    let isDeleted = log.isDeleted(shown)
    try expect(reading.isDeleted == isDeleted, "conflict", "\(subject.id): deleted \(!isDeleted)")
    var due: [FieldPath: Bool] = [:]
    if log.isDeletionDisputed(shown) { due[.deleted] = true }
    for (path, writes) in shown where path != .deleted {
      guard reading.schema.structure(at: path) == nil else { continue }
      let contents = Set(writes.map { log.writes[$0].contents[path] })
      let policy = reading.schema.rule(for: path).policy
      if contents.count > 1, policy.behaviour.listsDisagreement {
        due[path] = policy == .manual && !isDeleted
      }
    }
    let found = Dictionary(reading.conflicts.map { ($0.path, $0.isOpen) }) { $1 }
    try expect(
      found == due, "conflict",
      "\(subject.id) shows conflicts at \(list(found)), and there are \(list(due))")
  }

  /// Knowledge is claimed of what was seen alone, and of all that was made before it: counters have no gaps.
  private func checkKnowledge() throws {
    let claims = site.ghost.claims[view.collection] ?? WriteSet()
    let lacking = claims.subtracting(site.ghost.all)
    try expect(lacking.isEmpty, "incomplete", "claims \(list(lacking)) and lacks it")
    var counts: [ReplicaID: UInt64] = [:]
    for write in claims { counts[log.writes[write].dot.replica, default: 0] += 1 }
    let known = view.knowledge.vector
    let origins = Set(counts.keys).union(known.entries.map(\.replica)).subtracting(suspects)
    for origin in origins.sorted() where counts[origin, default: 0] != known[origin] {
      throw violation(
        "incomplete",
        "knows \(known[origin]) writes of \(name(origin)), and has \(counts[origin, default: 0])")
    }
  }

  // MARK: Words

  private func name(_ origin: ReplicaID) -> String {
    log.writes.first { $0.dot.replica == origin }?.author ?? origin.description
  }

  private func list(_ writes: some Sequence<Int>) -> String {
    writes.map { "write \($0)" }.joined(separator: ", ")
  }

  private func list(_ conflicts: [FieldPath: Bool]) -> String {
    let items = conflicts.sorted { $0.key < $1.key }.map { "\($0)\($1 ? " (open)" : "")" }
    return "[\(items.joined(separator: ", "))]"
  }

  private func expect(
    _ condition: Bool, _ check: String, _ detail: @autoclosure () -> String
  ) throws {
    if !condition { throw violation(check, detail()) }
  }

  private func violation(_ check: String, _ detail: String) -> Violation {
    Violation(check, "\(site.name), \(view.collection): \(detail)")
  }
}
