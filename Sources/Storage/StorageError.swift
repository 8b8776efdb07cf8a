import OfficeSyncProtocol
import OfficeSyncRecords

/// Why a store could not do what was asked. Nothing was kept of the call that threw.
public enum StorageError: Error, Hashable, Sendable {
  /// There is no store in this folder.
  case noStore(path: String)
  /// There is a store in this folder already.
  case exists(path: String)
  /// The file is none of ours; it was not touched.
  case notOurs(path: String)
  /// A newer version of this program wrote the file; it was not touched.
  case newer(path: String, format: Int)
  /// The file is ours and broken.
  case damaged(detail: String)
  /// The store belongs to another user of this machine.
  case foreignOwner(path: String, user: String)
  /// The folder is on a network file system, where locks and shared memory cannot be relied on.
  case networkFileSystem(path: String, kind: String)
  case diskFull
  /// Less is free than the reserve, which is kept for what cannot wait.
  case diskNearlyFull(freeBytes: UInt64, keptBytes: UInt64)
  /// Another process held the database for longer than the busy timeout.
  case busy
  /// The disk or the operating system failed: read-only, no permission, input/output error.
  case io(detail: String)

  /// Two stores wrote under this replica's name.
  case forked(ReplicaID)
  /// Names changed since what was asked for was prepared: compare again.
  case namesChanged
  /// Peers know writes of this store that it does not have: it was put back from a copy.
  case restored
  /// Own writes were given new times after the snapshot that they were to be sent from.
  case overtaken
  /// The replica has made as many writes in a collection as counters allow.
  case counterExhausted
  case limit(WriteLimit)
  /// One write names a path twice.
  case pathTwice(FieldPath)
  /// Field devices write no reserved records and purge nothing.
  case officesOnly
  /// The replica was first seen with another identity, and belongs to it for ever.
  case ownedByAnother(Identity)
  /// Two offices met the replica with two identities: it is served to neither until an administrator says whose it is.
  case disputed(ReplicaID, [Identity])
  /// Taking away a right that this wider grant gives would change nothing.
  case grantedByWildcard(Grant)

  /// Which limit of ``WriteLimits`` a local write would break.
  public enum WriteLimit: Hashable, Sendable {
    case valueBytes(max: Int)
    case paths(max: Int)
    case textBytes(path: FieldPath, max: Int)
    /// Merging made the record so large that writes may no longer enlarge it.
    case recordBytes(max: Int)
    case recordPaths(max: Int)
  }
}
