/// Finds where the cells of one row lie, byte by byte, and can stop after any byte (RFC 4180).
///
/// After a fault it goes on as if the odd byte were text, so that quoted cells later in the row keep their line breaks
/// and the next row is found where a person would see it.
struct CSVScanner {
  struct Cell {
    /// Without the quotes around it.
    var content: Range<Int>
    var line: Int
    var hasDoubledQuotes: Bool
  }

  struct Fault {
    let reason: ImportProblem.Reason
    let line: Int
    let cellIndex: Int
  }

  private enum State { case cellStart, plain, quoted, quoteInQuoted, carriageReturn }

  let separator: UInt8
  private(set) var position: Int
  private(set) var rowStart: Int
  private(set) var rowLine: Int
  private(set) var cells: [Cell] = []
  /// The first one of the row.
  private(set) var fault: Fault?

  private var line = 1
  private var state = State.cellStart
  private var cell = Cell(content: 0..<0, line: 1, hasDoubledQuotes: false)

  init(separator: UInt8, start: Int) {
    self.separator = separator
    position = start
    rowStart = start
    rowLine = 1
  }

  /// Forgets the row that was found and stands before the next.
  mutating func beginRow() {
    rowStart = position
    rowLine = line
    cells.removeAll(keepingCapacity: true)
    fault = nil
    state = .cellStart
  }

  /// The buffer lost `count` bytes at its front, none of them in the row.
  mutating func rebase(by count: Int) {
    position -= count
    rowStart -= count
    cell.content = (cell.content.lowerBound - count)..<(cell.content.upperBound - count)
    for index in cells.indices {
      let content = cells[index].content
      cells[index].content = (content.lowerBound - count)..<(content.upperBound - count)
    }
  }

  var cellLine: Int { state == .cellStart ? line : cell.line }

  /// Whether the row has a line end and nothing else.
  var rowIsBlank: Bool {
    fault == nil && cells.count == 1 && cells[0].content == rowStart..<rowStart
  }

  /// Goes on to the end of the row or to `end`. True once the row is complete.
  mutating func scan(_ bytes: Span<UInt8>, to end: Int) -> Bool {
    while position < end {
      let byte = bytes[position]
      switch state {
      case .cellStart: startCell(byte)
      case .quoted:
        skipQuoted(bytes, to: end)
      case .plain:
        skipPlain(bytes, to: end)
        if position < end, endPlain(bytes[position]) { return true }
      case .quoteInQuoted:
        if afterQuote(byte) { return true }
      case .carriageReturn:
        guard byte == UInt8(ascii: "\n") else {
          note(.bareCarriageReturn)
          state = .plain
          continue
        }
        cells.append(cell)
        endLine()
        return true
      }
    }
    return false
  }

  /// The input ended. True if it ended within a row, which is then complete.
  mutating func finish() -> Bool {
    switch state {
    case .cellStart:
      if cells.isEmpty { return false }
      cell = Cell(content: position..<position, line: line, hasDoubledQuotes: false)
    case .plain: endContent(position)
    case .quoteInQuoted: endContent(position - 1)
    case .carriageReturn: note(.bareCarriageReturn)
    case .quoted:
      fault = Fault(reason: .unclosedQuote, line: cell.line, cellIndex: cells.count)
    }
    cells.append(cell)
    state = .cellStart
    return true
  }

  private mutating func startCell(_ byte: UInt8) {
    let isQuoted = byte == UInt8(ascii: "\"")
    if isQuoted { position += 1 }
    cell = Cell(content: position..<position, line: line, hasDoubledQuotes: false)
    state = isQuoted ? .quoted : .plain
  }

  private mutating func skipPlain(_ bytes: Span<UInt8>, to end: Int) {
    while position < end {
      let byte = bytes[position]
      switch byte {
      case separator, UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0: return
      default: position += 1
      }
    }
  }

  /// Takes the byte at which ``skipPlain(_:to:)`` stopped. True if it ends the row.
  private mutating func endPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case separator:
      endContent(position)
      cells.append(cell)
      state = .cellStart
    case UInt8(ascii: "\n"):
      endContent(position)
      cells.append(cell)
      endLine()
      return true
    case UInt8(ascii: "\r"):
      endContent(position)
      state = .carriageReturn
    case 0: note(.nulByte)
    default: note(.quoteInUnquotedCell)
    }
    position += 1
    return false
  }

  /// Moves through a quoted cell, and over the quote that ends it or stands doubled in it.
  private mutating func skipQuoted(_ bytes: Span<UInt8>, to end: Int) {
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        state = .quoteInQuoted
        return
      case UInt8(ascii: "\n"): line += 1
      case 0: note(.nulByte)
      default: continue
      }
    }
  }

  /// Takes the byte after a quote in a quoted cell. True if it ends the row.
  private mutating func afterQuote(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""):
      cell.hasDoubledQuotes = true
      state = .quoted
    case separator:
      endContent(position - 1)
      cells.append(cell)
      state = .cellStart
    case UInt8(ascii: "\n"):
      endContent(position - 1)
      cells.append(cell)
      endLine()
      return true
    case UInt8(ascii: "\r"):
      endContent(position - 1)
      state = .carriageReturn
    default:
      note(byte == 0 ? .nulByte : .textAfterClosingQuote)
      state = .plain
    }
    position += 1
    return false
  }

  private mutating func endContent(_ end: Int) {
    cell.content = cell.content.lowerBound..<end
  }

  private mutating func endLine() {
    position += 1
    line += 1
  }

  private mutating func note(_ reason: ImportProblem.Reason) {
    if fault == nil { fault = Fault(reason: reason, line: cell.line, cellIndex: cells.count) }
  }
}
