extension RecordEditor {
  /// Adds those of `items` that the journal lacks. An entry is known by what it says: of several with the same value as
  /// many are added as are missing, so the same list twice adds nothing, and none is lost.
  func addMissing(
    _ items: [JSONValue], to path: FieldPath, _ rule: FieldRule, in draft: inout WriteDraft,
    _ nextTime: () -> HybridTime
  ) throws(EditError) {
    var there: [EquivalentValue: Int] = [:]
    for entry in Structure.entries(of: draft.record.fields(atOrBelow: path), at: path) {
      there[EquivalentValue(entry.value), default: 0] += 1
    }
    for item in items {
      let value = try entry(.json(item), rule, at: path)
      if let count = there[EquivalentValue(value)], count > 0 {
        there[EquivalentValue(value)] = count - 1
      } else {
        try append(value, to: path, in: &draft, nextTime)
      }
    }
  }

  /// Each entry has a path that no other write anywhere takes: a reading of this replica's clock, in 16 hexadecimal
  /// digits, and the replica. A clock that was set back may give a reading again.
  func append(
    _ value: Value, to path: FieldPath, in draft: inout WriteDraft, _ nextTime: () -> HybridTime
  ) throws(EditError) {
    var time = nextTime()
    // At the very end of time readings repeat.
    while !draft.record.siblings(at: try entryPath(time, in: path)).isEmpty, time.bits < .max {
      time = nextTime()
    }
    try draft.put(.value(value), at: entryPath(time, in: path))
  }

  private func entryPath(
    _ time: HybridTime, in path: FieldPath
  ) throws(EditError) -> FieldPath {
    let hex = Hex.text(of: (0..<8).map { UInt8(truncatingIfNeeded: time.bits >> (56 - 8 * $0)) })
    return try child("\(hex)\(replica)", of: path)
  }

  /// What an entry says: a plain value, or the `value` of an entry as ``RecordView`` shows it. Its time and author
  /// become those of this write: nobody writes in another's name.
  func entry(
    _ given: UserValue, _ rule: FieldRule, at path: FieldPath
  ) throws(EditError) -> Value {
    guard case .json(.object(let members)) = given else {
      return try convert(given, rule, at: path)
    }
    let known = [Structure.Key.at, Structure.Key.author, Structure.Key.value, Structure.Key.note]
    guard members.allSatisfy({ known.contains($0.name) }),
      let value = members.first(where: { $0.name == Structure.Key.value })?.value
    else { throw EditError(path, .badEntry) }
    return try convert(.json(value), rule, at: path)
  }
}
