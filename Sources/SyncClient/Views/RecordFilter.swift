import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords

/// What `ls --where` lets pass: records that have every one of these values.
struct RecordFilter {
  private let wanted: [(path: FieldPath, value: Value)]

  /// - Throws: `CommandError` `bad-name`, `bad-condition` (65)
  init(_ conditions: [String], schema: Schema) throws {
    wanted = try conditions.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw CommandError.badCondition(text, Texts.conditionForm) }
      let path = try FieldPath(argument: String(parts[0]))
      let rule = schema.structure(at: path)?.rule ?? schema.rule(for: path)
      do {
        return (path, try Value(typed: String(parts[1]), type: rule.type))
      } catch {
        throw CommandError.badCondition(text, "\(error)")
      }
    }
  }

  func admits(_ view: RecordView) -> Bool {
    wanted.allSatisfy { path, value in
      if let structure = view.schema.structure(at: path), structure.path == path {
        return view.elements(at: path).contains { $0.isEquivalent(to: value) }
      }
      return view.value(at: path)?.isEquivalent(to: value) ?? false
    }
  }
}

extension RecordView {
  /// What the set or journal at a path holds.
  fileprivate func elements(at path: FieldPath) -> [Value] {
    guard let leaf = leaves.first(where: { $0.path == path }), case .array(let items) = leaf.value
    else { return [] }
    let type = schema.rule(for: path).type
    return items.compactMap { item in
      var item = item
      if case .object(let entry) = item, let value = entry.first(where: { $0.name == "value" }) {
        item = value.value
      }
      return (try? Value(json: item, type: type)) ?? (try? Value(json: item, type: .any))
    }
  }
}
