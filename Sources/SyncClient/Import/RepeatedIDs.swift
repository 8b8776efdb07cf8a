import OfficeSyncRecords

/// Finds IDs that stand twice in one file, with some 30 bytes a record.
///
/// IDs are held as 64-bit hashes under a key that changes with each run (Swift's `Hasher` is SipHash): that among a
/// million different IDs two are taken for one has a chance of 1 in 37 million, and the next run tells them apart.
struct RepeatedIDs {
  private var firstLines: [Int: Int] = [:]

  /// Takes note of an ID; if it was there before, gives the problem to report.
  mutating func insert(_ id: RecordID, line: Int, field: String) -> ImportProblem? {
    let hash = id.hashValue
    guard let first = firstLines[hash] else {
      firstLines[hash] = line
      return nil
    }
    return ImportProblem(line: line, field: field, reason: .repeatedID(firstLine: first))
  }
}
