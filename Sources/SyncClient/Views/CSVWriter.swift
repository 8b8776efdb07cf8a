import OfficeSyncRecords

/// Records as lines of CSV (RFC 4180): a column for the ID, one for each path, lists and the like as JSON.
///
/// An empty text is written as `""`, an absent field as nothing.
struct CSVWriter {
  /// Column names of our own; no path begins with `$`, so the second is free for certain.
  private static let (idName, idNameIfTaken, deletedName) = ("id", "$id", "$deleted")

  private let paths: [FieldPath]
  private let showsDeleted: Bool

  init(paths: [FieldPath], showsDeleted: Bool) {
    self.paths = paths
    self.showsDeleted = showsDeleted
  }

  var header: [UInt8] {
    let names = paths.map(\.description)
    let id = names.contains(Self.idName) ? Self.idNameIfTaken : Self.idName
    return line([id] + names + (showsDeleted ? [Self.deletedName] : []))
  }

  func row(of view: RecordView, _ id: RecordID) -> [UInt8] {
    var cells: [String?] = [id.description]
    cells.reserveCapacity(paths.count + 2)
    // Leaves and paths are both sorted.
    var leaves = view.leaves[...]
    for path in paths {
      if let leaf = leaves.first, leaf.path == path {
        cells.append(leaf.value.shown)
        leaves.removeFirst()
      } else {
        cells.append(nil)
      }
    }
    if showsDeleted { cells.append(view.isDeleted ? "true" : nil) }
    return line(cells)
  }

  private func line(_ cells: [String?]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      if let cell { append(cell, to: &bytes) }
    }
    bytes += "\r\n".utf8
    return bytes
  }

  private func append(_ cell: String, to bytes: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    if !cell.isEmpty, !cell.utf8.contains(where: Self.needsQuotes) {
      bytes += cell.utf8
      return
    }
    bytes.append(quote)
    for byte in cell.utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  /// Quotes, line ends and separators: all three, since many readers guess which one it is.
  private static func needsQuotes(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, 0x0A, 0x0D: true
    default: false
    }
  }
}
