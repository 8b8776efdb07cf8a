import OfficeSyncRecords

/// What an import file is written in.
enum ImportFormat: String, CaseIterable {
  case csv, ndjson

  /// By the file's name, else by its first character: JSON lines begin with a brace.
  init(of file: InputFile, _ source: ImportSource) {
    let name = file.path.lowercased()
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") {
      self = .csv
    } else if [".ndjson", ".jsonl", ".json"].contains(where: name.hasSuffix) {
      self = .ndjson
    } else {
      self = source.firstMark == UInt8(ascii: "{") ? .ndjson : .csv
    }
  }
}

/// How an import file is to be read.
struct ImportSettings {
  var format: ImportFormat
  /// Where the records go.
  var collection: CollectionName
  /// Whether the file is what `export --unsent` wrote, and nothing else.
  var takesUnsentAlone = false
  /// What `--id` says.
  var idColumn: String?
  var map: ImportMap?
  var empty = EmptyCells.leaveOut
  var encoding = TextEncoding.utf8
  var schema: Schema
}

/// Reads an import file, of either format, as drafts of writes and problems.
struct ImportReader {
  let settings: ImportSettings
  let source: ImportSource
  /// Takes how many bytes were read.
  let progress: (Int) -> Void

  /// The column or member that names the records.
  var idName: String { settings.idColumn ?? settings.map?.id ?? "id" }

  /// - Parameter body: takes each outcome, with what tells a write that was refused where it came from.
  /// - Throws: `CommandError`, `CancellationError`, and what `body` throws.
  func forEach(_ body: (ImportOutcome<ImportDraft>, Origin) throws -> Void) throws {
    let (settings, source, idName) = (settings, source, idName)
    try ReadAhead.run { hand in
      switch settings.format {
      case .csv: try source.readTable(settings, hand)
      case .ndjson: try source.readLines(idName, settings, hand)
      }
    } _: { (batch: Batch) in
      try Task.checkCancellation()
      for outcome in batch.outcomes { try body(outcome, batch.origin) }
      progress(batch.bytesRead)
    }
  }

  /// What one piece of a file held.
  fileprivate struct Batch: Sendable {
    var outcomes: [ImportOutcome<ImportDraft>] = []
    var origin = Origin(plan: nil)
    /// Of the file, with this piece.
    var bytesRead: Int
  }

  /// What knows the names that a file gives to paths.
  struct Origin: Sendable {
    let plan: ImportPlan?

    func problem(_ error: EditError, of draft: ImportDraft) -> ImportProblem {
      plan?.problem(error, of: draft)
        ?? ImportProblem(
          line: draft.line, field: error.path?.description, reason: .edit(error.reason))
    }
  }
}

extension ImportSource {
  fileprivate typealias Hand = (ImportReader.Batch) throws -> Void

  fileprivate func readLines(
    _ idName: String, _ settings: ImportSettings, _ hand: Hand
  ) throws {
    var reader = NDJSONReader(
      idMember: idName, for: settings.collection, takesUnsentAlone: settings.takesUnsentAlone)
    func drain(_ bytesRead: Int) throws {
      var batch = ImportReader.Batch(bytesRead: bytesRead)
      while let outcome = reader.next() { batch.outcomes.append(outcome) }
      try hand(batch)
    }
    var bytesRead = 0
    try read { chunk, done in
      bytesRead = done
      reader.append(chunk)
      try drain(done)
    }
    reader.finish()
    try drain(bytesRead)
  }

  fileprivate func readTable(_ settings: ImportSettings, _ hand: Hand) throws {
    var reader = CSVReader(encoding: settings.encoding)
    var plan: ImportPlan?
    func drain(_ bytesRead: Int) throws {
      var batch = ImportReader.Batch(bytesRead: bytesRead)
      var problems: [ImportProblem] = []
      while let outcome = reader.next() {
        if plan == nil, let header = reader.header {
          plan = ImportPlan(
            map: settings.map, header: header, idColumn: settings.idColumn, empty: settings.empty,
            schema: settings.schema, report: { problems.append($0) })
        }
        switch outcome {
        case .problem(let problem): batch.outcomes.append(.problem(problem))
        case .row(let row):
          if let draft = plan?.draft(of: row, report: { problems.append($0) }) {
            batch.outcomes.append(.row(draft))
          }
        }
        batch.outcomes += problems.map { .problem($0) }
        problems = []
        // Without a plan no row means anything.
        if reader.header != nil, plan == nil { break }
      }
      batch.origin = ImportReader.Origin(plan: plan)
      try hand(batch)
      if reader.header != nil, plan == nil { throw Unplanned() }
    }
    var bytesRead = 0
    do {
      try read { chunk, done in
        bytesRead = done
        reader.append(chunk)
        try drain(done)
      }
      reader.finish()
      try drain(bytesRead)
    } catch is Unplanned {
      return
    }
  }

  private struct Unplanned: Error {}
}
