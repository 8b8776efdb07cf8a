import OfficeSyncRecords

/// Reads one JSON object a line, as a stream: chunks of bytes go in, rows and problems come out. It keeps no more than a
/// chunk and a line. Lines with nothing but white space are passed over; only after an oversize line nothing follows.
///
/// A line with the members `collection`, `id`, `clock` and `fields` is one that `export` wrote: its `fields` are taken,
/// and whether it is `deleted`. One with `unsent` is one of `export --unsent` (``UnsentRecord``).
struct NDJSONReader {
  /// Room for any record that `export` writes: 16 MiB of values grow by a third in base64.
  static let lineBytesMax = 32 << 20

  private let idMember: String
  private let collection: CollectionName?
  /// Whether no other lines are taken than those of `export --unsent`.
  private let takesUnsentAlone: Bool
  private let lineBytesMax: Int
  private var buffer: [UInt8] = []
  private var lineStart = 0
  private var position = 0
  private var line = 1
  private var names = KnownNames()
  private var isLast = false
  private var isOver = false

  /// - Parameter collection: where the records go; nil to take no lines of `export --unsent`.
  init(
    idMember: String = "id", for collection: CollectionName? = nil, takesUnsentAlone: Bool = false,
    lineBytesMax: Int = NDJSONReader.lineBytesMax
  ) {
    self.idMember = idMember
    self.collection = collection
    self.takesUnsentAlone = takesUnsentAlone
    self.lineBytesMax = lineBytesMax
  }

  mutating func append(_ chunk: some Collection<UInt8>) {
    if isOver { return }
    buffer.removeSubrange(..<lineStart)
    position -= lineStart
    lineStart = 0
    buffer.append(contentsOf: chunk)
    // Another thread works on the rows of the chunk before: two threads that count references to the same paths wait for
    // each other at each of them.
    names = KnownNames()
  }

  mutating func finish() { isLast = true }

  /// The next row or problem; nil when the next chunk is needed, or at the end.
  mutating func next() -> ImportOutcome<ImportDraft>? {
    while !isOver {
      guard let content = nextLine() else { return nil }
      guard content.count <= lineBytesMax else {
        isOver = true
        buffer = []
        return problem(.rowTooLarge(bytesMax: lineBytesMax))
      }
      let outcome = outcome(of: content)
      line += 1
      if let outcome { return outcome }
    }
    return nil
  }

  /// The next line without its line feed, or as much of it as shows that it is too long.
  private mutating func nextLine() -> Range<Int>? {
    // One byte more than a line may have shows that it is too long.
    let end = min(buffer.count, lineStart + lineBytesMax + 1)
    if let lineEnd = buffer[position..<max(position, end)].firstIndex(of: UInt8(ascii: "\n")) {
      defer { lineStart = position }
      position = lineEnd + 1
      return lineStart..<lineEnd
    }
    position = max(position, end)
    if position - lineStart > lineBytesMax { return lineStart..<position }
    guard isLast, lineStart < position else { return nil }
    defer { lineStart = position }
    return lineStart..<position
  }

  /// nil for a line with nothing but white space.
  private mutating func outcome(of content: Range<Int>) -> ImportOutcome<ImportDraft>? {
    do {
      guard case .object(let members) = try JSONValue(parsing: buffer.span.extracting(content))
      else {
        return problem(.notAnObject)
      }
      return row(members)
    } catch {
      if error.reason == .empty { return nil }
      return problem(.json(error.reason, column: error.column))
    }
  }

  private mutating func row(_ members: [JSONMember]) -> ImportOutcome<ImportDraft> {
    func value(_ name: String) -> JSONValue? {
      members.first { $0.name == name }?.value
    }
    if let collection, value("unsent") != nil, value("collection") != nil, value("clock") != nil {
      do throws(ImportProblem.Reason) {
        let unsent = try UnsentRecord(members, in: collection)
        return .row(ImportDraft(line: line, id: unsent.id, edits: [], unsent: unsent))
      } catch {
        return problem(error)
      }
    }
    if takesUnsentAlone { return problem(.notUnsent) }
    var idMember = idMember
    var fields = members
    var isDeleted = false
    if let exported = value("fields"), value("collection") != nil, value("clock") != nil,
      value("id") != nil
    {
      guard case .object(let inner) = exported else { return problem(.fieldsNotAnObject, "fields") }
      idMember = "id"
      fields = inner
      isDeleted = value("deleted") == .boolean(true)
    } else {
      fields.removeAll { $0.name == idMember }
    }
    let text: String
    switch value(idMember) {
    case .string(let string): text = string
    case .number(let digits) where Int64(digits) != nil: text = digits
    case nil: return problem(.noID, idMember)
    case .null, .boolean, .number, .array, .object: return problem(.idNotText, idMember)
    }
    let id: RecordID
    do {
      id = try RecordID(text)
    } catch {
      return problem(.badID(error), idMember)
    }
    do {
      let edits = try Edit.merging(.object(fields), &names)
      return .row(ImportDraft(line: line, id: id, edits: edits, isDeleted: isDeleted))
    } catch {
      return problem(.flatten(error))
    }
  }

  private func problem(
    _ reason: ImportProblem.Reason, _ field: String? = nil
  ) -> ImportOutcome<ImportDraft> {
    .problem(ImportProblem(line: line, field: field, reason: reason))
  }
}
