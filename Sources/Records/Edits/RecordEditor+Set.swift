extension RecordEditor {
  /// Makes `items` all that the set holds. Elements that are there in an equivalent form stay as they are.
  func state(
    _ items: [JSONValue], of path: FieldPath, _ rule: FieldRule, in draft: inout WriteDraft
  ) throws(EditError) {
    var missing: Set<EquivalentValue> = []
    var wanted: [Value] = []
    for item in items {
      let value = try convert(.json(item), rule, at: path)
      if missing.insert(EquivalentValue(value)).inserted { wanted.append(value) }
    }
    let all = missing
    for field in draft.record.fields(atOrBelow: path) {
      let current = SetPolicy().current(of: field.siblings)?.value
      guard let current else { continue }
      if field.path != path, all.contains(EquivalentValue(current)) {
        missing.remove(EquivalentValue(current))
        // Settles a concurrent removal, if there was one.
        try draft.put(.value(current), at: field.path, mayRepeat: true)
      } else {
        try draft.put(.absent, at: field.path, mayRepeat: true)
      }
    }
    for value in wanted where missing.contains(EquivalentValue(value)) {
      try draft.put(.value(value), at: elementPath(value, of: path), mayRepeat: true)
    }
  }

  func addElement(
    _ value: Value, to path: FieldPath, in draft: inout WriteDraft
  ) throws(EditError) {
    let elements = Structure.elements(of: draft.record.fields(atOrBelow: path), at: path)
    guard let there = elements.first(where: { $0.value.isEquivalent(to: value) }) else {
      try draft.put(.value(value), at: elementPath(value, of: path), mayRepeat: true)
      return
    }
    if there.path != path { try draft.put(.value(there.value), at: there.path, mayRepeat: true) }
  }

  func removeElement(
    _ value: Value, from path: FieldPath, in draft: inout WriteDraft
  ) throws(EditError) {
    for field in draft.record.fields(atOrBelow: path) {
      guard let current = SetPolicy().current(of: field.siblings)?.value else { continue }
      if field.path == path, case .list(let items) = current {
        // A list from before the schema.
        let rest = items.filter { !$0.isEquivalent(to: value) }
        if rest.count < items.count {
          try draft.put(.value(.list(rest)), at: path, mayRepeat: true)
        }
      } else if current.isEquivalent(to: value) {
        try draft.put(.absent, at: field.path, mayRepeat: true)
      }
    }
    // Named even if it is not there, so that adding it in the same write is a contradiction.
    let own = try elementPath(value, of: path)
    if draft.record.siblings(at: own).isEmpty { try draft.put(.absent, at: own, mayRepeat: true) }
  }

  private func elementPath(_ value: Value, of path: FieldPath) throws(EditError) -> FieldPath {
    try child(elementSegment(value), of: path)
  }
}
