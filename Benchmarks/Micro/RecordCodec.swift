import Benchmark
import OfficeSyncProtocol
import OfficeSyncRecords

/// Records to bytes and back, and what a receiver does instead with one that is new to it.
func recordCodec() {
  let count = 1_000
  measure("Record-encode", things: count) {
    Turns(each: try Samples().records(count))
  } _: { records in
    for record in records { blackHole(RecordEncoder.encode(record)) }
  }
  measure("Record-decode", things: count) {
    Turns(each: try Samples().encoded(count).map(\.bytes))
  } _: { records in
    for bytes in records { blackHole(try RecordDecoder.decode(bytes)) }
  }
  measure("Record-check", things: count) {
    Turns(each: try Samples().encoded(count).map(\.bytes))
  } _: { records in
    for bytes in records {
      guard case .plain(let plain) = try CheckedRecord(bytes) else { throw UnexpectedShape() }
      blackHole(plain)
    }
  }
}

/// A benchmark measures something else than its name says.
struct UnexpectedShape: Error {}
