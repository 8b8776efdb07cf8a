import Benchmark
import OfficeSyncRecords
import OfficeSyncTestSupport

/// Version vectors of a record (few entries), of a dozen offices, and of 500 replicas.
func versionVectors() {
  let count = 1_000
  measure("Vectors-compare-1", things: count) {
    pairs(count, entries: 1)
  } _: {
    compare($0)
  }
  measure("Vectors-compare-12", things: count) {
    pairs(count, entries: 12)
  } _: {
    compare($0)
  }
  measure("Vectors-compare-500", things: count) {
    pairs(count, entries: 500)
  } _: {
    compare($0)
  }
  measure("Vectors-join-12", things: count) {
    pairs(count, entries: 12)
  } _: { pairs in
    for (a, b) in pairs { blackHole(a.joined(b)) }
  }
}

private typealias Pair = (VersionVector, VersionVector)

private func compare(_ pairs: [Pair]) {
  for (a, b) in pairs { blackHole(a.compare(b)) }
}

/// Of which neither covers the other, unless they have one entry.
private func pairs(_ count: Int, entries: Int) -> Turns<[Pair]> {
  var random = SplitMix64(seed: UInt64(entries))
  let replicas = (0..<entries).map { _ in ReplicaID.random(using: &random) }
  func vector() -> VersionVector {
    VersionVector(replicas.map { Dot($0, UInt64.random(in: 1...100_000, using: &random)) })
  }
  return Turns(each: (0..<count).map { _ in (vector(), vector()) })
}
