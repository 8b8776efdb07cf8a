import OfficeSyncProtocol
import OfficeSyncRecords

extension CollectionTables {
  /// Stamps own writes since the last stamp.
  package func stampOwnWrites(token: () -> ReplicaID) throws {
    let own = try store().replica.id
    let counter = try counter(of: own)
    guard counter > (try newestStamp(of: own)?.counter ?? 0) else { return }
    try append(Stamp(counter: counter, token: token()), of: own)
  }

  /// From here on the writes under the stamp keep their times, whatever clock they came from.
  /// - Throws: ``StorageError`` `.overtaken`
  package func noteShown(_ stamp: Stamp) throws {
    let own = try store().replica.id
    let held = try stamps(of: own, after: stamp.counter - 1, through: stamp.counter)
    guard held == [stamp] else { throw StorageError.overtaken }
    var totals = try totals()
    if stamp.counter <= totals.shown { return }
    totals.shown = stamp.counter
    try save(totals)
  }

  /// Keeps stamps of other origins.
  /// - Throws: ``StorageError`` `.forked`, `.restored`, `.namesChanged`
  package func adopt(_ runs: [StampRun], epoch: UInt64?) throws {
    try require(epoch: epoch)
    let replica = try store().replica
    for run in runs {
      let news = try news(in: run)
      if news.isEmpty { continue }
      // Own lists never grow from outside.
      if run.origin == replica.id { throw StorageError.restored }
      // At an office no list grows beyond where it ended: whoever goes on there has to rename first. A device may hear of an
      // ending before another office does, which would not believe it.
      let isOffice = replica.identity.role == .office
      if isOffice, try end(of: run.origin) != nil { throw StorageError.forked(run.origin) }
      try reopen(run.origin)
      for stamp in news {
        try append(stamp, of: run.origin)
        if isOffice, stamp != news.last, try ending(at: stamp) != nil {
          throw StorageError.forked(run.origin)
        }
      }
    }
  }

  /// Holds a run against the list that is here: of two lists of one origin one is the beginning of the other, or the
  /// origin forked.
  ///
  /// - Returns: the stamps beyond those held.
  private func news(in run: StampRun) throws -> ArraySlice<Stamp> {
    guard let last = run.stamps.last else { return [] }
    let newest = try newestStamp(of: run.origin)?.counter ?? 0
    // From the stamp that the run follows on, so that a list that does not have it shows.
    let after = run.after?.counter ?? 0
    let held = try stamps(of: run.origin, after: max(after, 1) - 1, through: last.counter)
    let overlap = held.drop { $0.counter == after }
    let startsInList = run.after == nil || held.first == run.after
    let news = run.stamps.dropFirst(overlap.count)
    guard startsInList, run.stamps.starts(with: overlap),
      news.allSatisfy({ $0.counter > newest })
    else { throw StorageError.forked(run.origin) }
    return news
  }
}
