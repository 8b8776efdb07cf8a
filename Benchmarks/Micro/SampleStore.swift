import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport

/// A device's store on a disk of its own folder, and the office's records that come into it.
struct SampleStore {
  let samples: Samples
  let store: SQLiteStore
  private let folder: TestFolder

  init() throws {
    samples = try Samples()
    folder = try TestFolder()
    store = try SQLiteStore.create(
      folder: "\(folder.path)/store",
      replica: ReplicaInfo(
        id: ReplicaID(high: 7, low: 7), name: "amina", identity: try Identity("field/amina")))
  }

  func batch(_ records: [IncomingRecord]) -> IncomingBatch {
    IncomingBatch(
      collection: samples.collection, sender: samples.office, rule: .relayed, records: records,
      progress: nil, wallMilliseconds: 1_760_000_200_000)
  }

  /// Takes in the first records, as a pull does from its beginning to its end.
  func fill(_ count: Int, batchesOf batchCount: Int) throws {
    for start in stride(from: 0, to: count, by: batchCount) {
      let records = try samples.incoming(start..<min(start + batchCount, count))
      _ = try store.apply(batch(records))
    }
    try store.complete(
      StreamCompletion(
        collection: samples.collection, sender: samples.office,
        knowledge: VersionVector(Dot(samples.office, UInt64(count)))))
  }
}
