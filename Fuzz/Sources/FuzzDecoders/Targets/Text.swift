import OfficeSyncRecords

/// What parses is written and parsed to the same document.
func fuzzJSON(_ bytes: [UInt8]) {
  guard let value = try? JSONValue(parsing: bytes) else { return }
  require((try? JSONValue(parsing: value.encoded())) == value, "JSON changed by being written")
}

/// A schema that reads is written as a file that reads the same, and as a record that is the same schema.
func fuzzSchemas(_ bytes: [UInt8]) {
  guard let json = try? JSONValue(parsing: bytes), let schema = try? Schema(json: json) else {
    return
  }
  require((try? Schema(json: schema.json)) == schema, "a schema changed by being written")
  guard let author = try? Identity("office/rabat"),
    let changes = try? schema.changes(replacing: Record())
  else { return }
  var record = Record()
  record.write(
    changes, as: Dot(ReplicaID(high: 1, low: 1), 1),
    info: WriteInfo(time: .zero, author: author, note: ""))
  require(Schema(record: record) == schema, "a schema changed by being stored")
}

/// A map that reads says the same each time.
func fuzzMaps(_ bytes: [UInt8]) {
  guard let map = try? ImportMap(json: bytes) else { return }
  require((try? ImportMap(json: bytes)) == map, "a map reads differently the second time")
  for column in map.columns.values {
    let cell = CellReader(type: column.type ?? .text, dates: column.dates, numbers: column.numbers)
    for name in map.columns.keys { _ = try? cell.value(of: name) }
  }
}

/// As ``fuzzCSV(_:)``; a line of `export --unsent` that reads is written as a line that reads the same.
func fuzzLines(_ bytes: [UInt8]) {
  guard let first = bytes.first, let projects = try? CollectionName("projects") else { return }
  let text = bytes.dropFirst()
  let split = text.startIndex + Int(first) % (text.count + 1)
  let whole = lineOutcomes(of: [text], for: projects, bytesMax: 1_024)
  let parts = lineOutcomes(
    of: [text[..<split], text[split...]], for: projects, bytesMax: 1_024)
  require(
    whole.map { "\($0)" } == parts.map { "\($0)" }, "rows depend on where chunks end")
  for case .row(let draft) in whole {
    guard let unsent = draft.unsent else { continue }
    let line = Array(unsent.json(collection: projects).encoded().utf8)
    let again = lineOutcomes(of: [line[...]], for: projects, bytesMax: 1 << 20)
    if case .row(let same)? = again.first, again.count == 1, same.unsent == unsent { continue }
    require(false, "an unsent record changed by being written")
  }
}

private func lineOutcomes(
  of chunks: [ArraySlice<UInt8>], for collection: CollectionName, bytesMax: Int
) -> [ImportOutcome<ImportDraft>] {
  var reader = NDJSONReader(for: collection, lineBytesMax: bytesMax)
  var outcomes: [ImportOutcome<ImportDraft>] = []
  for chunk in chunks {
    reader.append(chunk)
    while let outcome = reader.next() { outcomes.append(outcome) }
  }
  reader.finish()
  while let outcome = reader.next() { outcomes.append(outcome) }
  return outcomes
}

/// Rows do not depend on where chunks end. The reader is compiled into this program, as an executable's code cannot be
/// imported: see the links in `Linked`.
func fuzzCSV(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let text = bytes.dropFirst()
  let split = text.startIndex + Int(first) % (text.count + 1)
  require(
    outcomes(of: [text]) == outcomes(of: [text[..<split], text[split...]]),
    "rows depend on where chunks end")
}

private func outcomes(of chunks: [ArraySlice<UInt8>]) -> [String] {
  var reader = CSVReader()
  var outcomes: [String] = []
  for chunk in chunks {
    reader.append(Array(chunk))
    while let outcome = reader.next() { outcomes.append("\(outcome)") }
  }
  reader.finish()
  while let outcome = reader.next() { outcomes.append("\(outcome)") }
  return outcomes
}
