import OfficeSyncCommandSupport
import OfficeSyncStorage

/// The words of `syncserver backup` and `restore` that people read.
enum BackupTexts {
  static func written(_ file: String, bytes: Int) -> Prose {
    """
    Wrote the store into \(file): \(Amounts.bytes(bytes)). Certificates, keys and config.toml are not in it: keep them \
    apart.
    """
  }

  static func restored(_ replica: ReplicaInfo, in folder: StoreFolder) -> Prose {
    "Put the store of \(replica.identity) back in \(folder.path), under the new replica ID \(replica.id)."
  }

  static func keptAside(_ path: String) -> Prose {
    "The store that was there is kept as \(path); remove it when all is well."
  }

  static let recovery: Prose = """
    What was written since the backup comes back with the next syncs: from the other offices, and from field devices, \
    which are asked for all that they hold until you say `syncserver recovery --close`.
    """
}
