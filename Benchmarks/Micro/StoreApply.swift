import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// Batches of new records into a store that grows by them, one durable transaction each.
func storeApply() {
  let count = 2_048
  measure("Store-apply", things: count, turns: 30, percent: 2) {
    let sample = try SampleStore()
    var numbers = 0..<0
    return Turns {
      numbers = numbers.upperBound..<numbers.upperBound + count
      return (sample, sample.batch(try sample.samples.incoming(numbers)))
    }
  } _: { sample, batch in
    guard try sample.store.apply(batch).applied == count else { throw UnexpectedShape() }
  }
}
