import OfficeSyncRecords

/// What parses is written and parsed to the same document.
func fuzzJSON(_ bytes: [UInt8]) {
  guard let value = try? JSONValue(parsing: bytes) else { return }
  require((try? JSONValue(parsing: value.encoded())) == value, "JSON changed by being written")
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
