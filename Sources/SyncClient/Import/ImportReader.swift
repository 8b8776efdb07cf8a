import OfficeSyncRecords

/// What an import file is written in.
enum ImportFormat: String, CaseIterable {
  case csv, ndjson

  /// By the file's name, else by its first character: JSON lines begin with a brace.
  init(of file: InputFile, _ source: ImportSource) throws {
    let name = file.path.lowercased()
    if name.hasSuffix(".csv") || name.hasSuffix(".tsv") {
      self = .csv
    } else if [".ndjson", ".jsonl", ".json"].contains(where: name.hasSuffix) {
      self = .ndjson
    } else {
      self = try source.firstMark == UInt8(ascii: "{") ? .ndjson : .csv
    }
  }
}

/// How an import file is to be read.
struct ImportSettings {
  var format: ImportFormat
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
  func forEach(_ body: (ImportOutcome<ImportDraft>, Origin) throws -> Void) throws {
    switch settings.format {
    case .csv: try readTable(body)
    case .ndjson: try readLines(body)
    }
  }

  /// What knows the names that a file gives to paths.
  struct Origin {
    let plan: ImportPlan?

    func problem(_ error: EditError, of draft: ImportDraft) -> ImportProblem {
      plan?.problem(error, of: draft)
        ?? ImportProblem(
          line: draft.line, field: error.path?.description, reason: .edit(error.reason))
    }
  }

  private func readLines(_ body: (ImportOutcome<ImportDraft>, Origin) throws -> Void) throws {
    var reader = NDJSONReader(idMember: idName)
    let origin = Origin(plan: nil)
    try source.read { chunk, done in
      reader.append(chunk)
      while let outcome = reader.next() { try body(outcome, origin) }
      progress(done)
    }
    reader.finish()
    while let outcome = reader.next() { try body(outcome, origin) }
  }

  private func readTable(_ body: (ImportOutcome<ImportDraft>, Origin) throws -> Void) throws {
    var reader = CSVReader(encoding: settings.encoding)
    var plan: ImportPlan?
    var problems: [ImportProblem] = []
    func drain() throws {
      while let outcome = reader.next() {
        if plan == nil, let header = reader.header {
          plan = ImportPlan(
            map: settings.map, header: header, idColumn: settings.idColumn, empty: settings.empty,
            schema: settings.schema, report: { problems.append($0) })
        }
        let origin = Origin(plan: plan)
        switch outcome {
        case .problem(let problem): try body(.problem(problem), origin)
        case .row(let row):
          if let draft = plan?.draft(of: row, report: { problems.append($0) }) {
            try body(.row(draft), origin)
          }
        }
        for problem in problems { try body(.problem(problem), origin) }
        problems = []
        // Without a plan no row means anything.
        if reader.header != nil, plan == nil { throw Unplanned() }
      }
    }
    do {
      try source.read { chunk, done in
        reader.append(chunk)
        try drain()
        progress(done)
      }
      reader.finish()
      try drain()
    } catch is Unplanned {
      return
    }
  }

  private struct Unplanned: Error {}
}

extension ImportSource {
  /// The first byte that is no white space and no part of a byte-order mark; nil in an empty file.
  fileprivate var firstMark: UInt8? {
    get throws {
      var mark: UInt8?
      do {
        try read { chunk, _ in
          mark = chunk.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
          if mark != nil { throw Found() }
        }
      } catch is Found {}
      return mark
    }
  }

  private struct Found: Error {}
}
