/// Gathers the changes of one write: each path once, nothing that says nothing new, within the limits.
struct WriteDraft {
  let record: Record
  /// Every path that was named, also those that hold already what they are to hold; sorted.
  private var named: [Record.Change] = []

  init(for record: Record) {
    self.record = record
  }

  /// - Parameter mayRepeat: whether the path may have been named before with the same intention, as an element of a set
  ///   may.
  /// - Throws: ``EditError`` if the path was named before, or a text is too long.
  mutating func put(
    _ content: Sibling.Content, at path: FieldPath, mayRepeat: Bool = false
  ) throws(EditError) {
    let (place, isNamed) = place(of: path)
    if isNamed {
      if !mayRepeat || named[place].content != content { throw EditError(path, .writtenTwice) }
    } else {
      named.insert((path, content), at: place)
    }
    if case .value(let value) = content, value.longestTextBytes > WriteLimits.textBytesMax {
      throw EditError(path, .textTooLong(bytesMax: WriteLimits.textBytesMax))
    }
  }

  func names(_ path: FieldPath) -> Bool { place(of: path).isNamed }

  private func place(of path: FieldPath) -> (index: Int, isNamed: Bool) {
    let index = named.partitioningIndex { $0.path >= path }
    return (index, index < named.count && named[index].path == path)
  }

  /// The changes, sorted by path; possibly none.
  /// - Throws: ``EditError`` for a write that is too large, or beneath a deletion.
  func changes() throws(EditError) -> [Record.Change] {
    let changes = named.filter { !record.states($0.content, at: $0.path) }
    guard let first = changes.first else { return [] }
    if DeletionState(of: record).isDeleted { throw EditError(first.path, .deleted) }
    if changes.count > WriteLimits.pathsMax {
      throw EditError(nil, .tooManyPaths(pathsMax: WriteLimits.pathsMax))
    }
    if changes.reduce(0, { $0 + $1.content.sizeBytes }) > WriteLimits.valueBytesMax {
      throw EditError(nil, .tooLarge(bytesMax: WriteLimits.valueBytesMax))
    }
    if isBeyondSoftLimits(changes) { throw EditError(nil, .recordFull) }
    return changes
  }

  private func isBeyondSoftLimits(_ changes: [Record.Change]) -> Bool {
    let hasManyPaths = record.fields.count >= WriteLimits.recordPathsSoftMax
    let isLarge = record.sizeBytes >= WriteLimits.recordBytesSoftMax
    // Nearly every record is neither.
    guard hasManyPaths || isLarge else { return false }
    var (newPaths, growth) = (0, 0)
    for change in changes {
      let siblings = record.siblings(at: change.path)
      if siblings.isEmpty { newPaths += 1 }
      let old = siblings.isEmpty ? 0 : Record.sizeBytes(at: change.path, siblings.map(\.content))
      growth += Record.sizeBytes(at: change.path, [change.content]) - old
    }
    return newPaths > 0 && hasManyPaths || growth > 0 && isLarge
  }
}

extension Sibling.Content {
  var sizeBytes: Int {
    if case .value(let value) = self { value.sizeBytes } else { 0 }
  }
}

extension Record {
  /// About what the record's encoding takes, in bytes, for the soft limit on local writes.
  public var sizeBytes: Int {
    fields.reduce(0) { $0 + Self.sizeBytes(at: $1.path, $1.siblings.map(\.content)) }
  }

  static func sizeBytes(at path: FieldPath, _ contents: [Sibling.Content]) -> Int {
    // Dot, time and author of a sibling take about 40 bytes.
    contents.reduce(path.key.bytes.count) { $0 + 40 + $1.sizeBytes }
  }
}
