import Benchmark
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// A whole collection read from its store: as a server sends it, bytes as they are, and as `ls` shows it, decoded.
func storeScan() {
  let count = 20_000
  measure("Store-scan-by-origin", things: count, turns: 10, percent: 2) {
    try filled(count)
  } _: { sample in
    let snapshot = try sample.store.snapshot(of: sample.samples.collection)
    var (cursor, seen) = (EntryCursor(counter: 0), 0)
    while case let rows = try snapshot.entries(
      of: sample.samples.office, after: cursor, bytesGoal: 1 << 20), let last = rows.last
    {
      seen += rows.count
      cursor = last.cursor
    }
    guard seen == count else { throw UnexpectedShape() }
  }
  measure("Store-scan-by-ID", things: count, turns: 10, percent: 2) {
    try filled(count)
  } _: { sample in
    let snapshot = try sample.store.snapshot(of: sample.samples.collection)
    var (after, seen) = (RecordID?.none, 0)
    while case let page = try snapshot.records(after: after, limit: 1_000), let last = page.last {
      seen += page.count
      after = last.id
    }
    guard seen == count else { throw UnexpectedShape() }
  }
}

private func filled(_ count: Int) throws -> Turns<SampleStore> {
  let sample = try SampleStore()
  try sample.fill(count, batchesOf: 2_048)
  return Turns(each: sample)
}
