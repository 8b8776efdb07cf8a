import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// One import: the whole file is checked, and what it comes to is put away; then that is stored in batches.
struct ImportRun {
  /// So many problems are listed; after that nobody reads on.
  static let problemsMax = 100

  let open: OpenStore
  let collection: CollectionName
  let source: ImportSource
  let settings: ImportSettings
  let note: String
  /// What the notes of writes begin with that were handed in for somebody; empty for one's own.
  let mark: String
  let console: Console

  struct Counts {
    var rows = 0
    /// Rows that said something new: one write each.
    var written = 0
  }

  struct Check {
    var counts = Counts()
    var problems: [ImportProblem] = []
    /// What is to be stored; not whole if there are problems.
    var backlog: ImportBacklog
    /// The latest time that stands in a value.
    var clock: HybridClock
  }

  // MARK: Checking

  /// Reads the whole file and stores nothing. It ends early once ``problemsMax`` are found.
  ///
  /// - Parameter keepsBacklog: whether something is to be stored afterwards.
  func check(keepsBacklog: Bool) throws -> Check {
    let snapshot = try open.store.snapshot(of: collection)
    let editor = RecordEditor(schema: settings.schema, replica: open.replica.id)
    let holdsRecords = snapshot.recordCount > 0
    let handing = HandingIn(snapshot: snapshot, mark: mark)
    var ids = RepeatedIDs()
    var check = Check(
      backlog: ImportBacklog(folder: open.folder.path, requireRoom: open.store.requireRoom),
      clock: HybridClock(latest: snapshot.latestOwnTime))
    let bar = console.progress(ImportTexts.checking(source.name), unit: .bytes)
    defer { bar.finish() }
    let reader = ImportReader(settings: settings, source: source) { done in
      bar.update(done: done, total: source.byteCount)
    }
    do {
      try reader.forEach { outcome, origin in
        switch outcome {
        case .problem(let problem): check.problems.append(problem)
        case .row(let draft):
          check.counts.rows += 1
          if let problem = ids.insert(draft.id, line: draft.line, field: reader.idName) {
            check.problems.append(problem)
          }
          let record = holdsRecords ? try snapshot.record(draft.id) : nil
          do {
            let write =
              if let unsent = draft.unsent { try handing.write(of: unsent, to: record) } else {
                try draft.write(to: record, editor) {
                  check.clock.tick(wallMilliseconds: OpenStore.wallMilliseconds)
                }
              }
            check.counts.written += write == nil ? 0 : 1
            if keepsBacklog, check.problems.isEmpty { try check.backlog.append(write) }
          } catch let error as EditError {
            check.problems.append(origin.problem(error, of: draft))
          }
        }
        if check.problems.count >= Self.problemsMax { throw Enough() }
      }
    } catch is Enough {}
    try check.backlog.finish()
    return check
  }

  private struct Enough: Error {}

  // MARK: Storing

  /// Stores what a check put away, so many rows a transaction, each whole or not at all. What somebody else wrote since the check
  /// stays beside it, as if each had written on a machine of his own.
  ///
  /// - Parameter counts: what is stored, also if this throws.
  func store(_ check: Check, counting counts: inout Counts) throws {
    let bar = console.progress(ImportTexts.storing(source.name), unit: .bytes)
    defer { bar.finish() }
    var done = 0
    try check.backlog.forEachBlock { rows, writes, bytes, moreFollow in
      try Task.checkCancellation()
      try open.store.requireRoom()
      // No write is older than a time that stands in it.
      let wall = max(OpenStore.wallMilliseconds, check.clock.latest.milliseconds + 1)
      try open.store.write(
        to: collection, wallMilliseconds: wall, note: note, moreFollow: moreFollow
      ) { writer in
        for write in writes { try writer.put(write) }
      }
      counts.rows += rows
      counts.written += writes.count
      done += bytes
      bar.update(done: done, total: check.backlog.byteCount)
    }
  }
}

extension RecordWriter {
  fileprivate func put(_ write: PlannedWrite) throws {
    switch write {
    case .new(let id, let fields): _ = try put(id, fields: fields)
    case .changes(let id, let writes, let seen):
      for changes in writes { _ = try put(id, changes: changes, context: seen) }
    }
  }
}
