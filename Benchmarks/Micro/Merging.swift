import Benchmark
import OfficeSyncProtocol
import OfficeSyncRecords

/// Two states of a record become one.
func merging() {
  let count = 1_000
  measure("Merge-later", things: count) {
    let samples = try Samples()
    return Turns(
      each: (0..<count).map { number in
        let held = samples.record(number)
        return (held, samples.edited(held, by: samples.office, to: "clos", number: number + count))
      })
  } _: { pairs in
    for (held, theirs) in pairs { blackHole(try merged(held, theirs)) }
  }
  measure("Merge-concurrent", things: count) {
    let samples = try Samples()
    let (here, there) = (ReplicaID(high: 1, low: 0), ReplicaID(high: 2, low: 0))
    return Turns(
      each: (0..<count).map { number in
        let record = samples.record(number)
        return (
          samples.edited(record, by: here, to: "accepté", number: number),
          samples.edited(record, by: there, to: "suspendu", number: number)
        )
      })
  } _: { pairs in
    for (held, theirs) in pairs { blackHole(try merged(held, theirs)) }
  }
  // What a receiver does with a change to a record that it holds.
  measure("Merge-decoded", things: count) {
    let samples = try Samples()
    return Turns(
      each: (0..<count).map { number in
        let held = samples.record(number)
        let theirs = samples.edited(held, by: samples.office, to: "clos", number: number + count)
        return (held, RecordEncoder.encode(theirs).bytes)
      })
  } _: { pairs in
    for (held, bytes) in pairs { blackHole(try merged(held, try RecordDecoder.decode(bytes).0)) }
  }
}

private func merged(_ held: Record, _ theirs: Record) throws(RecordError) -> Record {
  var record = held
  try record.merge(theirs)
  return record
}
