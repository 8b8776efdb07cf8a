/// What of a disk is kept free of others' records and of imports, so that there is room for what cannot wait: edits, erasing,
/// and what it takes to send them.
public struct DiskReserve: Hashable, Sendable {
  public static let percentMax = 50
  /// 5 %, but no less than a batch with its log may need, and no more than is of use on a large disk.
  public static let standard = DiskReserve(percent: nil)
  private static let standardPercent = 5
  private static let standardBytes: ClosedRange<UInt64> = (32 << 20)...(4 << 30)
  /// No disk is so small that the least of ``standardBytes`` would be most of it.
  private static let standardPartMax: UInt64 = 4

  /// nil: the standard.
  private let percent: Int?

  /// - Parameter percent: of the disk, taken as it is: 0 (no reserve) to ``percentMax``; nil for the standard, 5 % within
  ///   bounds: at least 32 MiB (but not more than a quarter of the disk), at most 4 GiB.
  public init(percent: Int?) {
    self.percent = percent.map { max(0, min($0, Self.percentMax)) }
  }

  public func bytes(ofTotal total: UInt64) -> UInt64 {
    if let percent { return total / 100 * UInt64(percent) }
    let bytes = total / 100 * UInt64(Self.standardPercent)
    let bounds = Self.standardBytes
    return min(max(bytes, min(bounds.lowerBound, total / Self.standardPartMax)), bounds.upperBound)
  }

  /// - Throws: ``StorageError`` `.diskNearlyFull` where less than the reserve is free.
  func require(_ space: DiskSpace) throws(StorageError) {
    let kept = bytes(ofTotal: space.totalBytes)
    if space.freeBytes < kept {
      throw .diskNearlyFull(freeBytes: space.freeBytes, keptBytes: kept)
    }
  }
}
