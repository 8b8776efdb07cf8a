@testable import syncclient

/// Reads a whole CSV text, handed over in chunks.
struct CSVReading: Equatable {
  var header: [String]?
  var rows: [CSVRow] = []
  var problems: [ImportProblem] = []

  init(_ text: String) {
    self.init(Array(text.utf8))
  }

  /// - Parameter chunks: where the chunks end; the last one ends with the bytes.
  init(
    _ bytes: [UInt8], splitAt chunks: [Int] = [], encoding: TextEncoding = .utf8,
    rowBytesMax: Int = CSVReader.rowBytesMax
  ) {
    var reader = CSVReader(encoding: encoding, rowBytesMax: rowBytesMax)
    var start = 0
    for end in chunks + [bytes.count] {
      reader.append(bytes[start..<end])
      start = end
      take(from: &reader)
    }
    reader.finish()
    take(from: &reader)
    header = reader.header
  }

  private mutating func take(from reader: inout CSVReader) {
    while let outcome = reader.next() {
      switch outcome {
      case .row(let row): rows.append(row)
      case .problem(let problem): problems.append(problem)
      }
    }
  }
}
