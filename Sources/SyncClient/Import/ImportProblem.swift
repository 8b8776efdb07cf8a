import OfficeSyncRecords

/// What is wrong with one row of an import file, and where.
///
/// `field` and texts in `reason` come from the file: whoever prints them escapes.
struct ImportProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The physical line of the file where the row or the cell begins, counted from 1; lines end with LF.
  let line: Int
  /// The column's name, or `column N` where it has none; nil when the whole row is meant.
  let field: String?
  let reason: Reason

  enum Reason: Error, Hashable, Sendable {
    // The shape of a CSV file.
    case noHeader
    case emptyColumnName
    case repeatedColumnName
    case unclosedQuote
    case textAfterClosingQuote
    case quoteInUnquotedCell
    case bareCarriageReturn
    case rowTooShort(cells: Int, expected: Int)
    case rowTooLong(cells: Int, expected: Int)
    // Bytes.
    case nulByte
    case notInEncoding(TextEncoding)
    case isUTF16
    case markOfUTF8
    case rowTooLarge(bytesMax: Int)
    // Lines of JSON.
    case json(JSONError.Reason, column: Int)
    case notAnObject
    case fieldsNotAnObject
    case badUnsent
    case otherCollection(String)
    case notUnsent
    // Columns against the map.
    case noIDColumn(String)
    case unmappedColumn
    case pathTaken(by: String)
    case badPath(NameError)
    // Values.
    case noID
    case idNotText
    case badID(NameError)
    case repeatedID(firstLine: Int)
    case notOfType(String)
    case dateHasTime
    case flatten(FlattenError)
    /// The write is not one that the collection's schema or the limits allow.
    case edit(EditError.Reason)
  }

  var description: String {
    let place = field.map { "line \(line), \($0)" } ?? "line \(line)"
    return "\(place): \(reason)"
  }
}

extension ImportProblem.Reason: CustomStringConvertible {
  /// Ends a sentence that names the place.
  var description: String {
    switch self {
    case .noHeader: "the file has no header line"
    case .emptyColumnName: "a column has no name"
    case .repeatedColumnName: "another column has the same name"
    case .unclosedQuote: "a quote opens here and never closes"
    case .textAfterClosingQuote: "text follows the closing quote (a quote inside a cell is doubled)"
    case .quoteInUnquotedCell: "a quote stands in a cell that is not quoted"
    case .bareCarriageReturn:
      "a carriage return without a line feed stands in a cell that is not quoted"
    case .rowTooShort(let cells, let expected): "the row has \(cells) cells, the header \(expected)"
    case .rowTooLong(let cells, let expected): "the row has \(cells) cells, the header \(expected)"
    case .nulByte: "the cell holds a NUL byte"
    case .notInEncoding(let encoding): "the bytes are not \(encoding.rawValue)"
    case .isUTF16: "the file is UTF-16: save it as UTF-8"
    case .markOfUTF8: "the file begins with the mark of UTF-8: leave out --encoding"
    case .rowTooLarge(let max): "the row is over \(max) bytes: a quote may be left open"
    case .json(let reason, let column): "at column \(column), \(reason)"
    case .notAnObject: "the line is not a JSON object"
    case .fieldsNotAnObject: "\"fields\" is not an object"
    case .badUnsent: "the line is not as `export --unsent` wrote it"
    case .otherCollection(let name): "the line was not exported from \(name)"
    case .notUnsent: "the line does not tell what was unsent: write the file with `export --unsent`"
    case .noIDColumn(let name):
      "no column is named \"\(name)\": name the one that holds the IDs with --id"
    case .unmappedColumn: "the map says nothing of this column: give it a path, or ignore it"
    case .pathTaken(let other): "\"\(other)\" is stored at the same path, or above or below it"
    case .badPath(let error): "the name is no path: \(error.description)"
    case .noID: "the record has no ID"
    case .idNotText: "the ID is neither a text nor a whole number"
    case .badID(let error): "the ID cannot be used: \(error.description)"
    case .repeatedID(let line): "line \(line) has the same ID"
    case .notOfType(let type): "this is not \(type)"
    case .dateHasTime: "a date cannot keep this time of day"
    case .flatten(let error): error.description
    case .edit(let reason): reason.description
    }
  }
}

/// What a reader of an import file found next.
enum ImportOutcome<Row: Sendable>: Sendable {
  case row(Row)
  case problem(ImportProblem)
}
