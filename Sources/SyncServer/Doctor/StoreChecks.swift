import OfficeSyncStorage

/// What is to be said of the disk that a store is on.
struct DiskCheck: Hashable, Sendable {
  /// nil where the system does not say.
  var space: DiskSpace?
  var reserve: DiskReserve

  var finding: Finding {
    guard let space else {
      return .warning(.disk, DoctorTexts.notMeasured, DoctorTexts.freeSpace)
    }
    let kept = reserve.bytes(ofTotal: space.totalBytes)
    let free = DoctorTexts.free(space.freeBytes, space.totalBytes)
    if space.freeBytes < kept {
      return .problem(
        .disk, DoctorTexts.belowReserve(space.freeBytes, kept), DoctorTexts.freeSpace)
    }
    return space.freeBytes / 2 < kept
      ? .warning(.disk, free, DoctorTexts.freeSpace) : .ok(.disk, free)
  }
}

extension StoreHealth {
  /// A log longer than this was kept from being emptied, several times over.
  private static let logBytesMax: UInt64 = 256 << 20

  var finding: Finding {
    if let first = problems.first {
      return .problem(
        .database, DoctorTexts.damaged(first, problems.count), DoctorTexts.verify)
    }
    if applicationID != Self.officeSync {
      return .problem(.database, DoctorTexts.foreign(applicationID), DoctorTexts.putBack)
    }
    if journalMode != "wal" || synchronous < Self.synchronousFull {
      return .problem(
        .database, DoctorTexts.unsafe(journalMode, synchronous), DoctorTexts.reopen)
    }
    if logBytes > Self.logBytesMax {
      return .warning(.database, DoctorTexts.longLog(logBytes), DoctorTexts.endReader)
    }
    return .ok(.database, DoctorTexts.database(fileBytes, log: logBytes))
  }
}
