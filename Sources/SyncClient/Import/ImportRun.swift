import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// One import: the whole file is checked, then it is stored in batches.
struct ImportRun {
  /// So many problems are listed; after that nobody reads on.
  static let problemsMax = 100
  private static let rowsPerBatch = 4_000

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
  }

  // MARK: Checking

  /// Reads the whole file and stores nothing. It ends early once ``problemsMax`` are found.
  func check() throws -> Check {
    let snapshot = try open.store.snapshot(of: collection)
    let editor = RecordEditor(schema: settings.schema, replica: open.replica.id)
    let holdsRecords = snapshot.recordCount > 0
    let handing = HandingIn(snapshot: snapshot, mark: mark)
    var clock = HybridClock()
    var ids = RepeatedIDs()
    var check = Check()
    let reader = reader(ImportTexts.checking(source.name))
    do {
      try reader.read.forEach { outcome, origin in
        switch outcome {
        case .problem(let problem): check.problems.append(problem)
        case .row(let draft):
          check.counts.rows += 1
          if let problem = ids.insert(draft.id, line: draft.line, field: reader.read.idName) {
            check.problems.append(problem)
          }
          let record = holdsRecords ? try snapshot.record(draft.id) : nil
          if let writes = try handing.writes(of: draft, to: record ?? Record()) {
            check.counts.written += writes.isEmpty ? 0 : 1
            break
          }
          do throws(EditError) {
            let changes = try draft.changes(to: record ?? Record(), editor) {
              clock.tick(wallMilliseconds: 0)
            }
            check.counts.written += changes.isEmpty ? 0 : 1
          } catch {
            check.problems.append(origin.problem(error, of: draft))
          }
        }
        if check.problems.count >= Self.problemsMax { throw Enough() }
      }
    } catch is Enough {}
    reader.bar.finish()
    return check
  }

  private struct Enough: Error {}

  // MARK: Storing

  /// Stores the file's rows, so many a transaction, each whole or not at all.
  ///
  /// - Parameter counts: what is stored, also if this throws.
  func store(counting counts: inout Counts) throws {
    var batch: [ImportDraft] = []
    batch.reserveCapacity(Self.rowsPerBatch)
    let reader = reader(ImportTexts.storing(source.name))
    defer { reader.bar.finish() }
    var origin = ImportReader.Origin(plan: nil)
    try reader.read.forEach { outcome, current in
      origin = current
      switch outcome {
      case .problem(let problem): throw CommandError.fileChanged(source.name, problem)
      case .row(let draft): batch.append(draft)
      }
      if batch.count == Self.rowsPerBatch {
        try write(&batch, origin, &counts)
        try Task.checkCancellation()
      }
    }
    try write(&batch, origin, &counts)
  }

  private func write(
    _ batch: inout [ImportDraft], _ origin: ImportReader.Origin, _ counts: inout Counts
  ) throws {
    if batch.isEmpty { return }
    try open.store.requireRoom()
    let wall = OpenStore.wallMilliseconds
    let handing =
      try batch.contains { $0.unsent != nil }
      ? HandingIn(snapshot: open.store.snapshot(of: collection), mark: mark) : nil
    let written = try open.store.write(to: collection, wallMilliseconds: wall, note: note) {
      writer in
      let desk = try Desk(writer)
      var written = 0
      for draft in batch {
        if let writes = try handing?.writes(of: draft, to: desk.record(draft.id)) {
          for changes in writes {
            _ = try writer.put(draft.id, changes: changes, context: draft.unsent?.clock)
          }
          written += writes.isEmpty ? 0 : 1
          continue
        }
        let changes: [Record.Change]
        do {
          let record = try desk.record(draft.id)
          changes = try desk.withClock {
            try draft.changes(to: record, desk.editor, nextTime: $0)
          }
        } catch let error as EditError {
          throw CommandError.fileChanged(source.name, origin.problem(error, of: draft))
        }
        if try writer.put(draft.id, changes: changes, context: nil) != nil { written += 1 }
      }
      return written
    }
    counts.rows += batch.count
    counts.written += written
    batch.removeAll(keepingCapacity: true)
  }

  private func reader(_ title: String) -> (read: ImportReader, bar: ProgressDisplay) {
    let bar = console.progress(title, unit: .bytes)
    let total = source.byteCount
    let reader = ImportReader(settings: settings, source: source) { done in
      bar.update(done: done, total: total)
    }
    return (reader, bar)
  }
}
