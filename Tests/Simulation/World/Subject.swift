import OfficeSyncRecords

/// A record of a collection.
struct Subject {
  var collection: CollectionName
  var id: RecordID
  var key: CausalLog.Key

  /// All that a seed has, by key.
  static func all(_ swarm: Swarm) throws -> [Subject] {
    var all: [Subject] = []
    for collection in swarm.collections {
      for number in 0...swarm.records {
        let id = number == 0 ? RecordID.schema : try RecordID("r\(number)")
        all.append(Subject(collection: collection, id: id, key: all.count))
      }
    }
    return all
  }
}

extension World {
  /// Those of the collection with this number.
  func subjects(of collection: Int) -> ArraySlice<Subject> {
    subjects[collection * (swarm.records + 1)..<(collection + 1) * (swarm.records + 1)]
  }

  /// Record 0 of a collection is its schema.
  func subject(_ collection: Int, _ record: Int) -> Subject {
    subjects[collection * (swarm.records + 1) + record]
  }
}
