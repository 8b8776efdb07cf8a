import Benchmark
import OfficeSyncProtocol
import OfficeSyncRecords

/// A record's part of its collection's fingerprint, and the sum of parts.
func fingerprints() {
  let count = 1_000
  measure("Fingerprint-part", things: count) {
    let samples = try Samples()
    let records = try samples.encoded(count).enumerated().map { (try samples.id($0), $1) }
    return Turns(each: (samples.collection, records))
  } _: { collection, records in
    for (id, record) in records {
      blackHole(Fingerprint(collection: collection, id: id, record: record))
    }
  }
  measure("Fingerprint-sum", things: count) {
    Turns(each: try Samples().incoming(0..<count).compactMap(\.part))
  } _: { parts in
    blackHole(parts.reduce(Fingerprint.zero, +))
  }
}
