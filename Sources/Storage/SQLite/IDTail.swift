import OfficeSyncRecords

/// What a process that takes records in bulk knows of the newest ones, which follow each other: which may have an ID, by a hash of
/// it. The last of them are the tail of the index by ID, not yet entered.
///
/// A table with open addressing and eight bytes a slot: 32 bits of the hash, and the record's place behind the first one. Its size
/// is a power of two, at least twice the number of records.
struct IDTail {
  /// The number of the first record that is known.
  let first: Int64
  /// The number of the first one that is not entered.
  private(set) var start: Int64
  /// What SQLite's `data_version` was: another one if another process wrote to the file.
  let dataVersion: Int64
  private var count = 0
  private var slots = [UInt64](repeating: 0, count: 1 << Self.sizeMin)
  private var size = Self.sizeMin

  /// As powers of two.
  private static let sizeMin = 12
  /// Entering so many at once takes half a second, and 20 MiB for sorting their IDs.
  private static let tailMax = 1 << 18
  /// Fewer are not worth it: they would touch nearly every page of a large index.
  private static let tailMin = 1 << 17
  /// Of so many the hashes are kept: 8 MiB.
  private static let knownMax = 1 << 19

  /// - Parameter first: as many records as are there already, and one; or 1, and then those are appended and ``enter()``ed.
  init(first: Int64, dataVersion: Int64) {
    self.first = first
    self.dataVersion = dataVersion
    start = first
  }

  /// The number that the next record gets.
  var next: Int64 { first + Int64(count) }

  var isEmpty: Bool { start == next }

  /// Whether there are no records but those that are known.
  var isWhole: Bool { first == 1 }

  /// Whether it is time to enter the tail: a quarter of what is entered already, within the bounds above.
  var isFull: Bool {
    next - start >= Int64(max(Self.tailMin, min(Self.tailMax, Int(clamping: start) / 4)))
  }

  /// Whether it is worth keeping what is known when the tail was entered.
  var isOfUse: Bool { isWhole && count < Self.knownMax }

  /// All are entered now.
  mutating func enter() { start = next }

  static func hash(_ id: [UInt8], _ collection: Int64) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(collection)
    id.withUnsafeBytes { hasher.combine(bytes: $0) }
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  /// The first record with that hash of which `isIt` says so.
  func find(_ hash: UInt32, where isIt: (Int64) throws -> Bool) rethrows -> Int64? {
    var index = place(of: hash)
    while slots[index] != 0 {
      if slots[index] >> 32 == UInt64(hash) {
        let row = first + Int64(slots[index] & 0xFFFF_FFFF) - 1
        if try isIt(row) { return row }
      }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  mutating func append(_ hash: UInt32) {
    count += 1
    if count * 2 > slots.count { grow() }
    insert(UInt64(hash) << 32 | UInt64(count))
  }

  private func place(of hash: UInt32) -> Int { Int(hash >> (32 - UInt32(size))) }

  private mutating func insert(_ slot: UInt64) {
    var index = place(of: UInt32(slot >> 32))
    while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
    slots[index] = slot
  }

  private mutating func grow() {
    let old = slots
    size += 1
    slots = [UInt64](repeating: 0, count: 1 << size)
    for slot in old where slot != 0 { insert(slot) }
  }
}
