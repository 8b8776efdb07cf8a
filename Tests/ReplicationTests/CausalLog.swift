import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// The oracle: every write with the writes of the same record that its author had truly seen, as in the model of
/// the design's semantics (`sync_model.py`).
struct CausalLog {
  struct Write {
    var dot: Dot
    var id: RecordID
    var fields: [FieldPath: Value]
    var basedOn: Set<Dot>
  }

  private(set) var writes: [Write] = []

  /// - Parameter clock: the record's clock at the author before the write.
  mutating func add(_ dot: Dot, _ id: RecordID, _ fields: [FieldPath: Value], clock: VersionVector)
  {
    let seen = writes.filter { $0.id == id && clock.covers($0.dot) }.map(\.dot)
    writes.append(Write(dot: dot, id: id, fields: fields, basedOn: Set(seen)))
  }

  private func isOvertaken(_ write: Write, at path: FieldPath, by admits: (Dot) -> Bool) -> Bool {
    writes.contains {
      $0.id == write.id && $0.fields[path] != nil && $0.basedOn.contains(write.dot)
        && admits($0.dot)
    }
  }

  /// The completeness invariant: whatever a replica claims to have seen, it holds or has overtaken. nil if it holds.
  func fault(in view: any CollectionSnapshot) throws -> String? {
    for write in writes {
      let record = try view.record(write.id)
      guard let record, record.clock.covers(write.dot) else {
        if view.knowledge.vector.covers(write.dot) {
          return "claims \(write.dot) of \(write.id) and lacks it"
        }
        continue
      }
      for path in write.fields.keys {
        let holds = record.siblings(at: path).contains { $0.dot == write.dot }
        if !holds && !isOvertaken(write, at: path, by: record.clock.covers) {
          return "lost \(write.dot) of \(write.id) at \(path)"
        }
      }
    }
    return nil
  }

  /// What a record must show once everybody has everything: path → dot → value.
  func current(_ id: RecordID) -> [FieldPath: [Dot: Value]] {
    var shown: [FieldPath: [Dot: Value]] = [:]
    for write in writes where write.id == id {
      for (path, value) in write.fields where !isOvertaken(write, at: path, by: { _ in true }) {
        shown[path, default: [:]][write.dot] = value
      }
    }
    return shown
  }
}
