import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// Holds one collection of one replica against the model.
struct SiteCheck {
  let site: Site
  let view: any CollectionSnapshot
  /// All of the collection, by key; the first is the schema.
  let subjects: ArraySlice<Subject>
  let log: CausalLog
  let names: Names
  /// Writes that may show though they were overtaken.
  let doubles: WriteSet

  /// What was found right: what has not changed since is not looked at again.
  struct Found {
    /// Under which every record was looked at.
    fileprivate var schema: RightRecords.SchemaInForce?
    /// By key.
    fileprivate var records: [CausalLog.Key: Checked] = [:]
    fileprivate var known: (vector: VersionVector, claims: WriteSet)?
  }

  /// Records that were found right at some site. All sites come to hold the same: what one was found right with, having seen
  /// the same writes, another need not be held against the log for.
  struct RightRecords {
    fileprivate struct SchemaInForce {
      var number: Int
      var record: Record
      var schema: Schema
    }

    /// All that a verdict on a record follows from, the record aside. The log says the same of the same writes for ever; when
    /// names change everything is looked at again.
    fileprivate struct Grounds: Hashable {
      var key: CausalLog.Key
      var seen: WriteSet
      var doubles: WriteSet
      var schema: Int
    }

    fileprivate var records: [Grounds: Checked] = [:]
    private var schemas: [SchemaInForce] = []

    mutating func forget() { records = [:] }

    fileprivate mutating func schema(of record: Record) -> SchemaInForce {
      if let known = schemas.first(where: { $0.record == record }) { return known }
      let new = SchemaInForce(
        number: schemas.count, record: record, schema: Schema(record: record))
      schemas.append(new)
      return new
    }
  }

  /// A record with what it adds to the collection's sums.
  fileprivate struct Checked {
    var record: Record
    var seen: WriteSet
    var fingerprint: Fingerprint
    var isLive: Bool
    var openConflicts: UInt64
  }

  func run(_ found: inout Found, _ right: inout RightRecords) throws {
    let schemaRecord = try view.record(.schema) ?? Record()
    let schema: RightRecords.SchemaInForce
    if let before = found.schema, before.record == schemaRecord {
      schema = before
    } else {
      schema = right.schema(of: schemaRecord)
      found.schema = schema
      found.records = [:]
    }
    var fingerprint = Fingerprint.zero
    var (records, live, open): (UInt64, UInt64, UInt64) = (0, 0, 0)
    var newest = VersionVector()
    for subject in subjects {
      guard let record = try view.record(subject.id) else {
        try checkMissing(subject)
        found.records[subject.key] = nil
        continue
      }
      let seen = site.ghost.seen(subject.key)
      let checked: Checked
      if let before = found.records[subject.key], before.seen == seen, before.record == record {
        checked = before
      } else {
        let grounds = RightRecords.Grounds(
          key: subject.key, seen: seen, doubles: doubles, schema: schema.number)
        if let same = right.records[grounds], same.record == record {
          checked = same
        } else {
          checked = try check(record, subject, seen, schema.schema)
          right.records[grounds] = checked
        }
        found.records[subject.key] = checked
      }
      records += 1
      live += checked.isLive ? 1 : 0
      open += checked.openConflicts
      newest.join(record.clock)
      fingerprint = fingerprint + checked.fingerprint
    }
    let condition = try view.condition
    try expect(condition.fingerprint == fingerprint, "sum", "the fingerprint does not add up")
    try expect(view.recordCount == records, "sum", "\(view.recordCount) records, not \(records)")
    try expect(view.liveRecordCount == live, "sum", "\(view.liveRecordCount) live, not \(live)")
    try expect(view.openConflictCount == open, "sum", "\(view.openConflictCount) open, not \(open)")
    let known = try view.knowledge.vector
    let isPartial = try !newest.isCovered(by: known) && hasMoreToCome(newest, known)
    try expect(condition.isPartial == isPartial, "sum", "partial is not \(isPartial)")
    let origins = try view.newestEntries.entries.map(\.replica)
    try expect(
      origins.elementsEqual(newest.entries.lazy.map { $0.replica }), "index", "origins differ")
    let claims = site.ghost.claims[view.collection] ?? WriteSet()
    try checkClaims(claims)
    if let before = found.known, before.claims == claims, before.vector == known { return }
    try check(known, claims)
    found.known = (known, claims)
  }

  /// Whether something is held ahead of what is known, strays aside: of an ID that ended with the last stamp that is here, the
  /// rest may never come (docs/PROTOCOL.md, "Strays").
  private func hasMoreToCome(_ newest: VersionVector, _ known: VersionVector) throws -> Bool {
    let (stamps, ended) = try (view.knowledge.newestStamps, Set(view.ended.compactMap(\.stamp)))
    return newest.entries.contains { entry in
      !known.covers(entry) && !(stamps[entry.replica].map(ended.contains) ?? false)
    }
  }

  private func check(
    _ record: Record, _ subject: Subject, _ seen: WriteSet, _ schema: Schema
  ) throws -> Checked {
    let shown = log.shown(subject.key, having: seen)
    let hasDoubles = try checkSiblings(of: record, subject, shown)
    try checkClock(of: record, subject, seen)
    let reading = RecordView(record, schema: schema)
    if !hasDoubles { try checkConflicts(reading, subject, shown) }
    return Checked(
      record: record, seen: seen,
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
  /// - Returns: whether there are writes that may go by two names: these may show though they were overtaken, and be in
  ///   conflict with themselves.
  private func checkSiblings(
    of record: Record, _ subject: Subject, _ shown: [FieldPath: WriteSet]
  ) throws -> Bool {
    var held: [FieldPath: WriteSet] = [:]
    for field in record.fields {
      try expect(field.withheld.isEmpty, "invented", "\(subject.id) is stored without values")
      for sibling in field.siblings {
        let write = Int(sibling.write.note)
        guard let write, write < log.writes.count, log.writes[write].key == subject.key,
          isContent(sibling.content, of: write, at: field.path)
        else {
          throw violation("invented", "\(subject.id) shows at \(field.path) what nobody wrote")
        }
        held[field.path, default: WriteSet()].insert(write)
      }
    }
    for (path, due) in shown {
      let lost = due.subtracting(held[path] ?? WriteSet())
      if !lost.isEmpty {
        throw violation("lost-write", "\(subject.id) at \(path) lacks \(list(lost))")
      }
    }
    var all = WriteSet()
    for (path, writes) in held {
      all.formUnion(writes)
      let back = writes.subtracting(shown[path] ?? WriteSet()).subtracting(doubles)
      if !back.isEmpty {
        throw violation("resurrected", "\(subject.id) at \(path) shows \(list(back)) again")
      }
    }
    return !all.isDisjoint(with: doubles)
  }

  private func isContent(
    _ content: Sibling.Content, of write: Int, at path: FieldPath
  ) -> Bool {
    let due = log.writes[write].contents[path]
    // A deletion names what it saw: by other names, where those changed.
    if path == .deleted, names.copies > 0, case .value? = due, case .value = content { return true }
    return due == content
  }

  /// A record's clock is exactly what was seen of it.
  private func checkClock(of record: Record, _ subject: Subject, _ seen: WriteSet) throws {
    var due = VersionVector()
    for write in seen { due.insert(log.writes[write].dot) }
    if let origin = difference(due, record.clock) {
      throw violation(
        "clock",
        "\(subject.id) says \(record.clock[origin]) of \(name(origin)), which is \(due[origin])")
    }
  }

  /// The first origin of which two vectors say something else.
  private func difference(_ a: VersionVector, _ b: VersionVector) -> ReplicaID? {
    if a == b { return nil }
    let origins = a.joined(b).entries.lazy.map { $0.replica }
    return origins.first { a[$0] != b[$0] && names.isUnshared($0) }
  }

  /// What is shown as a conflict is what was written concurrently, and nothing else.
  private func checkConflicts(
    _ reading: RecordView, _ subject: Subject, _ shown: [FieldPath: WriteSet]
  ) throws {
    let isDeleted = log.isDeleted(shown)
    try expect(reading.isDeleted == isDeleted, "conflict", "\(subject.id): deleted \(!isDeleted)")
    var due: [FieldPath: Bool] = [:]
    if log.isDeletionDisputed(shown) { due[.deleted] = true }
    for (path, writes) in shown where path != .deleted && writes.count > 1 {
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

  /// Knowledge is claimed of what was seen alone.
  private func checkClaims(_ claims: WriteSet) throws {
    let lacking = claims.subtracting(site.ghost.all)
    try expect(lacking.isEmpty, "incomplete", "claims \(list(lacking)) and lacks it")
  }

  /// And of all that was made before it: counters have no gaps.
  private func check(_ known: VersionVector, _ claims: WriteSet) throws {
    var due = VersionVector()
    for write in claims { due[log.writes[write].dot.replica] += 1 }
    if let origin = difference(due, known) {
      throw violation(
        "incomplete", "knows \(known[origin]) writes of \(name(origin)), and has \(due[origin])")
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
