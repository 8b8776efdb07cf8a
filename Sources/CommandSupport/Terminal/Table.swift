/// An aligned table that fits its terminal.
///
/// Rows go in and finished lines come out, so that a listing of millions of rows needs little
/// memory: the widths are set from the first ``sampleRows`` rows. Where lines have a limit
/// (``Terminal/columns``), the widest columns give way first and what does not fit is cut with `…`;
/// elsewhere nothing is cut.
public struct Table: Sendable {
  public struct Column: Sendable, Hashable {
    public enum Alignment: Sendable, Hashable {
      case leading, trailing
    }

    public var title: String
    public var alignment: Alignment
    /// Whether the values are needed whole (an ID to type again): such a column gives way last of
    /// all.
    public var isKept: Bool

    public init(_ title: String, alignment: Alignment = .leading, isKept: Bool = false) {
      self.title = title
      self.alignment = alignment
      self.isKept = isKept
    }
  }

  static let sampleRows = 1_000
  private static let gap = "  "
  /// No column that is cut becomes narrower than this, even if lines then run over.
  private static let narrowest = 5

  private let columns: [Column]
  private let terminal: Terminal
  private var waiting: [[String]] = []
  private var widths: [Int]?

  public init(_ columns: [Column], for terminal: Terminal) {
    self.columns = columns
    self.terminal = terminal
  }

  /// Takes a row, of one raw value a column, and gives the lines that are now finished.
  public mutating func add(_ row: [String]) -> [String] {
    let cells = columns.indices.map { index in
      index < row.count ? row[index].escaped(for: contentStyle) : ""
    }
    if let widths { return [line(cells, widths)] }
    waiting.append(cells)
    return waiting.count < Self.sampleRows ? [] : start()
  }

  /// Gives the lines still held back. A table without rows has no lines.
  public mutating func finish() -> [String] {
    widths == nil && !waiting.isEmpty ? start() : []
  }

  /// Isolates go around a cell after it was cut: a cut must not lose the closing one.
  private var contentStyle: TextStyle { terminal.style == .isolated ? .utf8 : terminal.style }

  private mutating func start() -> [String] {
    let titles = columns.map { $0.title.escaped(for: contentStyle) }
    let natural = columns.indices.map { index in
      waiting.reduce(titles[index].columns) { max($0, $1[index].columns) }
    }
    let widths = fitted(natural)
    self.widths = widths
    defer { waiting = [] }
    return [terminal.bold(line(titles, widths))] + waiting.map { line($0, widths) }
  }

  private func fitted(_ natural: [Int]) -> [Int] {
    guard let limit = terminal.columns else { return natural }
    let room = limit - Self.gap.count * (columns.count - 1)
    let kept = columns.indices.filter { columns[$0].isKept }
    let others = columns.indices.filter { !columns[$0].isKept }
    var widths = natural
    shrink(others, of: &widths, toFit: room)
    shrink(kept, of: &widths, toFit: room)
    return widths
  }

  /// Lowers the widest of the given columns, together, until the whole line fits or none can give
  /// more.
  private func shrink(_ indices: [Int], of widths: inout [Int], toFit room: Int) {
    var cap = indices.map { widths[$0] }.max() ?? 0
    while widths.reduce(0, +) > room, cap > Self.narrowest {
      cap -= 1
      for index in indices { widths[index] = min(widths[index], cap) }
    }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var result = ""
    for (index, column) in columns.enumerated() {
      let isLast = index == columns.count - 1
      let cell =
        terminal.columns == nil
        ? cells[index]
        : cells[index].truncated(toColumns: widths[index], style: terminal.style)
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.columns))
      let shown = terminal.style == .isolated && cell.hasRightToLeft ? cell.isolated : cell
      switch column.alignment {
      case .trailing: result += padding + shown
      case .leading: result += shown + (isLast ? "" : padding)
      }
      if !isLast { result += Self.gap }
    }
    return result
  }
}
