import OfficeSyncProtocol
import OfficeSyncRecords

extension CollectionTables {
  /// Of the stream tokens given out to one receiver for one collection, this many are remembered.
  package static var givenTokensMax: Int { 64 }

  /// Ends a stream: joins what may be taken of the sender's knowledge, and forgets the sender's progress.
  /// - Throws: ``StorageError`` `.restored`
  package func complete(_ completion: StreamCompletion) throws {
    try require(epoch: completion.epoch)
    let own = try store().replica.id
    for entry in completion.knowledge.entries {
      // Own counters are never learnt from others: a peer that knows more of this store than it does saw it before it
      // was put back from a copy.
      if entry.replica == own {
        if try counter(of: own) < entry.counter { throw StorageError.restored }
      } else {
        try raise(entry)
      }
    }
    try removeProgress(from: completion.sender)
    for entry in completion.confirmed.entries { try raiseConfirmed(entry) }
  }
}
