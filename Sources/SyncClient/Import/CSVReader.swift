/// One row of a CSV file: as many cells as the header has names.
struct CSVRow: Hashable, Sendable {
  /// The physical line where the row begins.
  let line: Int
  let cells: [String]
}

/// Reads CSV strictly (RFC 4180), as a stream: chunks of bytes go in, rows and problems come out. It keeps no more than
/// a chunk and a row, and the outcome does not depend on where chunks end.
///
///     reader.append(chunk)
///     while let outcome = reader.next() { … }
///     reader.finish()
///     while let outcome = reader.next() { … }
///
/// The separator is the one of `,` `;` and tab that occurs most in the header, outside quotes. Lines end with CRLF or
/// LF. A line with nothing on it holds no row and is passed over. After a problem in one row the next rows follow;
/// after a quote that never closes, an oversize row or a problem in the header nothing follows.
struct CSVReader {
  static let rowBytesMax = 8 << 20

  /// Column names, once the header has been read.
  private(set) var header: [String]?

  private let encoding: TextEncoding
  private let rowBytesMax: Int
  private var buffer: [UInt8] = []
  private var scanner: CSVScanner?
  /// No more chunks will come.
  private var isLast = false
  /// Nothing more will be told.
  private var isOver = false

  init(encoding: TextEncoding = .utf8, rowBytesMax: Int = CSVReader.rowBytesMax) {
    self.encoding = encoding
    self.rowBytesMax = rowBytesMax
  }

  mutating func append(_ chunk: some Collection<UInt8>) {
    if isOver { return }
    if let rowStart = scanner?.rowStart, rowStart > 0 {
      buffer.removeSubrange(..<rowStart)
      scanner?.rebase(by: rowStart)
    }
    buffer.append(contentsOf: chunk)
  }

  mutating func finish() { isLast = true }

  /// The next row or problem; nil when the next chunk is needed, or at the end.
  mutating func next() -> ImportOutcome<CSVRow>? {
    guard !isOver, var scanner = scanner ?? start() else { return nil }
    // Taken out while it works, so that its cells are not copied.
    self.scanner = nil
    let outcome = next(&scanner)
    self.scanner = scanner
    if case .problem(let problem) = outcome, header == nil || problem.reason.isFinal {
      isOver = true
      buffer = []
    }
    return outcome
  }

  private mutating func next(_ scanner: inout CSVScanner) -> ImportOutcome<CSVRow>? {
    if let problem = problemOfFirstBytes() { return .problem(problem) }
    while true {
      // One byte more than allowed may be looked at, to see that it is there.
      let end = scanner.rowStart + rowBytesMax + 1
      var isComplete = scanner.scan(buffer.span, to: min(buffer.count, end))
      if !isComplete {
        if scanner.position == end {
          let field = name(ofColumn: scanner.cells.count)
          return problem(.rowTooLarge(bytesMax: rowBytesMax), scanner.cellLine, field)
        }
        guard isLast else { return nil }
        isComplete = scanner.finish()
      }
      guard isComplete else {
        isOver = true
        return header == nil ? problem(.noHeader, 1, nil) : nil
      }
      let outcome = self.outcome(of: scanner)
      scanner.beginRow()
      if let outcome { return outcome }
    }
  }

  /// What a complete row amounts to; nil for a header that is well, or a blank line.
  private mutating func outcome(of scanner: CSVScanner) -> ImportOutcome<CSVRow>? {
    if let fault = scanner.fault {
      return problem(fault.reason, fault.line, name(ofColumn: fault.cellIndex))
    }
    if let header {
      if scanner.rowIsBlank { return nil }
      let count = scanner.cells.count
      if count < header.count {
        return problem(
          .rowTooShort(cells: count, expected: header.count), scanner.rowLine, header[count])
      }
      if count > header.count {
        return problem(.rowTooLong(cells: count, expected: header.count), scanner.rowLine, nil)
      }
    }
    var texts: [String] = []
    texts.reserveCapacity(scanner.cells.count)
    for (index, cell) in scanner.cells.enumerated() {
      do {
        texts.append(try text(of: cell))
      } catch {
        return problem(.notInEncoding(encoding), error.line, name(ofColumn: index))
      }
    }
    if header != nil { return .row(CSVRow(line: scanner.rowLine, cells: texts)) }
    if let problem = problemOfNames(texts) { return .problem(problem) }
    header = texts
    return nil
  }

  private struct UndecodableLine: Error {
    let line: Int
  }

  private func text(of cell: CSVScanner.Cell) throws(UndecodableLine) -> String {
    if !cell.hasDoubledQuotes { return try text(buffer.span.extracting(cell.content), cell.line) }
    var content: [UInt8] = []
    content.reserveCapacity(cell.content.count)
    var isSecond = false
    for byte in buffer[cell.content] {
      // Within quotes every quote has a twin.
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      if byte != UInt8(ascii: "\"") || isSecond { content.append(byte) }
    }
    return try text(content.span, cell.line)
  }

  private func text(_ content: Span<UInt8>, _ line: Int) throws(UndecodableLine) -> String {
    do {
      return try encoding.decode(content)
    } catch {
      let lineFeeds = content.extracting(..<error.offset).withUnsafeBufferPointer { before in
        before.count { $0 == UInt8(ascii: "\n") }
      }
      throw UndecodableLine(line: line + lineFeeds)
    }
  }

  private func problemOfNames(_ names: [String]) -> ImportProblem? {
    if names == [""] { return ImportProblem(line: 1, field: nil, reason: .noHeader) }
    var seen: Set<String> = []
    for (index, name) in names.enumerated() {
      if name.isEmpty {
        return ImportProblem(line: 1, field: "column \(index + 1)", reason: .emptyColumnName)
      }
      if !seen.insert(name).inserted {
        return ImportProblem(line: 1, field: name, reason: .repeatedColumnName)
      }
    }
    return nil
  }

  private func problem(
    _ reason: ImportProblem.Reason, _ line: Int, _ field: String?
  ) -> ImportOutcome<CSVRow> {
    .problem(ImportProblem(line: line, field: field, reason: reason))
  }

  private func name(ofColumn index: Int) -> String {
    if let header, index < header.count { return header[index] }
    return "column \(index + 1)"
  }
}

// MARK: - The beginning of the file

extension CSVReader {
  private static let markOfUTF8: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// A scanner, once the whole header is there to find the separator in.
  private func start() -> CSVScanner? {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    var isWhole = isLast || buffer.count > rowBytesMax
    search: for byte in buffer.prefix(rowBytesMax) {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted, UInt8(ascii: ";") where !isQuoted,
        UInt8(ascii: "\t") where !isQuoted:
        counts[byte, default: 0] += 1
      case UInt8(ascii: "\n") where !isQuoted:
        isWhole = true
        break search
      default: continue
      }
    }
    guard isWhole else { return nil }
    var separator = UInt8(ascii: ",")
    for other in [UInt8(ascii: ";"), UInt8(ascii: "\t")]
    where counts[other, default: 0] > counts[separator, default: 0] {
      separator = other
    }
    let hasMark = encoding == .utf8 && buffer.starts(with: Self.markOfUTF8)
    return CSVScanner(separator: separator, start: hasMark ? Self.markOfUTF8.count : 0)
  }

  private func problemOfFirstBytes() -> ImportProblem? {
    guard header == nil else { return nil }
    let first = Array(buffer.prefix(3))
    let reason: ImportProblem.Reason? =
      switch (first.first, first.dropFirst().first) {
      case (0xFF, 0xFE), (0xFE, 0xFF): .isUTF16
      case (0xEF, _) where encoding != .utf8 && first == Self.markOfUTF8: .markOfUTF8
      default: nil
      }
    return reason.map { ImportProblem(line: 1, field: nil, reason: $0) }
  }
}

extension ImportProblem.Reason {
  /// Whether no row can be told from another after this.
  fileprivate var isFinal: Bool {
    switch self {
    case .unclosedQuote, .rowTooLarge: true
    default: false
    }
  }
}
