import OfficeSyncProtocol
import OfficeSyncRecords

extension CollectionTables {
  /// Of the stream tokens given out to one receiver for one collection, this many are remembered.
  package static var givenTokensMax: Int { 64 }

  /// Ends a stream: joins what may be taken of the sender's knowledge, and forgets the sender's progress.
  /// - Throws: ``StorageError`` `.restored`; `.forked` if somebody goes on under an ID that ended.
  package func complete(_ completion: StreamCompletion) throws {
    try require(epoch: completion.epoch)
    let row = try store()
    let own = row.replica.id
    for entry in completion.knowledge.entries {
      let known = try counter(of: entry.replica)
      if entry.counter <= known { continue }
      // Own counters are never learnt from others: a peer that knows more of this store than it does saw it before it
      // was put back from a copy.
      if entry.replica == own { throw StorageError.restored }
      if let end = try end(of: entry.replica)?.stamp, entry.counter > end.counter {
        throw StorageError.forked(entry.replica)
      }
      try raise(entry)
      try closeIfReached(entry.replica)
      if let session = completion.session, row.retention.isOn {
        try keep(
          Arrival(
            origin: entry.replica, after: known, through: entry.counter, session: session))
      }
    }
    try removeProgress(from: completion.sender)
    for entry in completion.confirmed.entries { try raiseConfirmed(entry) }
  }
}
