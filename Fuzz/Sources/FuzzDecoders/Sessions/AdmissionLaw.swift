import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// What an office may hold after sessions with a device, reckoned without the product's own rule: what it held before, its
/// own writes, and the device's own; and nothing of the device's says that it had seen what the office has not.
struct AdmissionLaw {
  private let records: [RecordID: Record]
  private let epoch: UInt64

  init(_ office: InMemoryStore) {
    records = Self.records(of: office)
    epoch = office.snapshot(of: Scene.projects).epoch
  }

  private static func records(of office: InMemoryStore) -> [RecordID: Record] {
    let all = try? office.snapshot(of: Scene.projects).records(after: nil, limit: .max)
    return Dictionary(uniqueKeysWithValues: (all ?? []).map { ($0.id, $0.record) })
  }

  func check(_ office: InMemoryStore) {
    let collections = Set(office.collections())
    require(!collections.contains(.office), "a device reached the offices' own collection")
    // Once names have changed, names prove nothing.
    guard office.snapshot(of: Scene.projects).epoch == epoch else { return }
    for (id, record) in Self.records(of: office) { check(id, record, records[id] ?? Record()) }
  }

  private func check(_ id: RecordID, _ record: Record, _ before: Record) {
    let known = Set(before.fields.flatMap(\.siblings))
    for sibling in record.fields.flatMap(\.siblings) where !known.contains(sibling) {
      if sibling.dot.replica == Scene.office.id { continue }
      require(
        Scene.deviceReplicas.contains(sibling.dot.replica)
          && sibling.write.author == Scene.device.identity,
        "an office took what is not the device's own: \(sibling)")
      require(!id.isReserved, "an office took a device's reserved record")
      require(
        sibling.write.time <= HybridClock.timeMax(wallMilliseconds: Party.wall),
        "an office took a time that is yet to come")
    }
    for entry in record.clock.entries where !Scene.deviceReplicas.contains(entry.replica) {
      require(
        entry.replica == Scene.office.id || before.clock.covers(entry),
        "an office believed a device about \(entry)")
    }
    require(record.erased == before.erased, "a device purged something")
  }
}
