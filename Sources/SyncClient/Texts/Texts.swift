import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// The words of `syncclient` that people read; those of long commands stand beside this file.
enum Texts {
  // MARK: Titles of columns and words in cells

  static let collection = "Collection"
  static let record = "Record"
  static let field = "Field"
  static let label = "Label"
  static let value = "Value"
  static let number = "#"
  static let writtenBy = "By"
  static let at = "At"
  static let state = "State"
  static let records = "Records"
  static let conflicts = "Conflicts"
  static let unsent = "Unsent"
  static let refused = "Refused"
  static let server = "Server"
  static let office = "Office"
  static let lastContact = "Last contact"
  static let result = "Result"

  static let type = "Type"
  static let policy = "Policy"
  static let allowed = "Allowed"

  static let open = "open"
  static let settled = "settled"
  static let absent = "(nothing)"
  static let deletedValue = "deleted"
  static let kept = "kept"
  static let standardInput = "standard input"

  // MARK: Records

  static func stored(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "Stored \(id) in \(collection)."
  }

  static func unchanged(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "\(id) in \(collection) says that already; nothing was written."
  }

  static func deleted(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "Deleted \(id) from \(collection)."
  }

  static func notThere(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "\(id) is not in \(collection); nothing was written."
  }

  static func noRecord(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "There is no record \(id) in \(collection)."
  }

  static func heading(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "\(id) in \(collection)"
  }

  static func deletedHeading(_ id: RecordID, _ collection: CollectionName) -> Prose {
    "\(id) in \(collection), deleted; it held:"
  }

  static let conditionForm = "it is not PATH=VALUE"

  // MARK: Conflicts

  static let conflictsHeading: Prose = "\nChanged in several places:"
  static let noConflicts: Prose = "No conflict is open."

  static func askWhich(_ count: Int) -> Prose {
    "Which one, 1 to \(count)? (Enter leaves it as it is)"
  }

  static func notANumber(_ answer: String, _ count: Int) -> Prose {
    "'\(answer)' is not a number from 1 to \(count)."
  }

  static func settled(_ path: FieldPath, _ id: RecordID) -> Prose {
    "Settled \(path) of \(id)."
  }

  static func nothingToSettle(_ path: FieldPath, _ id: RecordID) -> Prose {
    "\(path) of \(id) holds that already, undisputed; nothing was written."
  }

  // MARK: Schema

  static func schemaSet(_ collection: CollectionName, _ fields: Int) -> Prose {
    "\(collection) has a new schema; fields with a rule: \(fields)."
  }

  static func sameSchema(_ collection: CollectionName) -> Prose {
    "\(collection) has that schema already; nothing was written."
  }

  static func noSchema(_ collection: CollectionName) -> Prose {
    "\(collection) has no schema: every field takes any value, and the latest write shows."
  }

  static func schemaProblem(_ problem: SchemaError) -> Prose {
    "warning: a rule of the schema is passed over: \(problem)."
  }

  // MARK: The store

  static func madeStore(_ replica: ReplicaInfo, _ folder: StoreFolder) -> Prose {
    "Made the store of \(replica.identity) in \(folder.path), replica \(replica.id)."
  }

  static func storeIsAt(_ path: String) -> Prose { "The store is in \(path)." }

  static func replicaIs(_ replica: ReplicaInfo) -> Prose {
    let now: Prose = "It is \(replica.identity)'s, replica \(replica.id)."
    if replica.formerIDs.isEmpty { return now }
    let former = replica.formerIDs.map(\.description).joined(separator: ", ")
    return "\(now)\n  It was copied, moved or put back; earlier writes go by \(former)."
  }

  static func certificateEnds(_ time: String) -> Prose { "Its certificate ends at \(time)." }

  static func noCertificate(_ path: String) -> Prose {
    "It has no certificate yet: \(path) cannot be read as one."
  }

  static func serverIs(_ server: NetworkAddress) -> Prose { "It syncs with \(server)." }

  static let noServerNamed: Prose = "No server is named: give one with --server."
  static let noCollections: Prose = "It holds no records."

  static func refusal(_ id: RecordID, _ collection: CollectionName, _ reason: String) -> Prose {
    "Refused: \(id) in \(collection) (\(reason))."
  }

  static func timesToCome(
    _ collection: CollectionName, _ latest: HybridTime, _ wall: HybridTime
  ) -> Prose {
    """
    Writes in \(collection) bear times up to \(Timestamp(latest)), and this clock shows \
    \(Timestamp(wall)). If it is right, sync: what was never sent gets the time of now.
    """
  }
}
