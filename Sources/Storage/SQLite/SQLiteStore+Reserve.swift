import Synchronization

extension SQLiteStore {
  /// From now on so much of the disk is kept free.
  public func keepReserve(_ reserve: DiskReserve) {
    self.reserve.withLock { $0 = reserve }
  }

  public func requireRoom() throws {
    guard let space = space(folder) else { return }
    try reserve.withLock { $0 }.require(space)
  }
}
