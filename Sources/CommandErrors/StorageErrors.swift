import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

extension CommandError {
  /// Why the store could not do what was asked.
  public init(_ error: StorageError) {
    switch error {
    case .noStore(let path):
      self = .noStore(at: path, make: "syncclient init --name NAME")
    case .exists(let path):
      self = CommandError(
        .badData, "store-exists", "There is a store already: \(path).",
        remedy: "Use it, or choose another folder with `--data`.")
    case .notOurs(let path):
      self = CommandError(
        .storage, "not-a-store", "\(path) is no OfficeSync store; it was not touched.",
        remedy: "Choose another folder with `--data`.")
    case .newer(let path, let format):
      self = CommandError(
        .storage, "store-newer",
        "\(path) was written by a newer version (format \(format)); it was not touched.",
        remedy: "Update this program.")
    case .damaged(let detail): self = .damagedStore(detail)
    case .foreignOwner(let path, let user): self = .foreignStore(at: path, owner: user)
    case .networkFileSystem(let path, let kind):
      self = CommandError(
        .storage, "store-on-network",
        "\(path) is on a network file system (\(kind)), where a database can be damaged.",
        remedy: "Put the store on a local disk with `--data`.")
    case .diskFull:
      self = CommandError(
        .storage, "disk-full", "The disk is full: the store cannot be written.",
        remedy: "Free some space and try again; nothing was lost.")
    case .diskNearlyFull(let free, let kept):
      self = CommandError(
        .storage, "disk-nearly-full",
        "Only \(Amounts.bytes(Int(clamping: free))) of the disk are free, of which \(Amounts.bytes(Int(clamping: kept))) are kept for what cannot wait.",
        remedy:
          "Free some space and run the same command again; reading, small edits, `purge` and `push` work meanwhile."
      )
    case .busy:
      self = CommandError(
        .busy, "database-busy", "Another program held the store's database for too long.",
        remedy: "Try again when it has finished.")
    case .io(let detail):
      self = CommandError(
        .storage, "store-failed", "The store cannot be read or written: \(detail).",
        remedy: "Check the permissions and the disk.")
    case .forked(let replica): self = .forked("replica \(replica) has two histories")
    case .restored: self = .restored
    case .namesChanged:
      self = CommandError(
        .busy, "names-changed", "Another program renamed writes of a copied store meanwhile.",
        remedy: "Run the same command again.")
    case .overtaken:
      self = CommandError(
        .busy, "session-overtaken",
        "Another program set the times of unsent writes right while this one was about to send them.",
        remedy: "Run the same command again.")
    case .counterExhausted:
      self = CommandError(
        .badData, "counter-exhausted", "This store has made as many writes as it can count.",
        remedy: "Make a new store with `init`, and pull.")
    case .limit(let limit): self = .overLimit("\(limit.told)")
    case .pathTwice(let path): self = .badValue("\(path): one write sets a path once")
    case .officesOnly:
      self = CommandError(
        .notAllowed, "offices-only",
        "Only offices may do this, and this store is a field device's.",
        remedy: "Do it at an office, on its store: `syncclient … --data DIR`.")
    case .ownedByAnother(let identity):
      self = CommandError(
        .notAllowed, "replica-of-another", "The replica belongs to \(identity).",
        remedy: "Use the certificate that the store was made for, or make a new store.")
    case .disputed(let replica, let identities):
      let names = identities.map(\.description).joined(separator: " and ")
      self = CommandError(
        .notAllowed, "replica-disputed", "\(names) both claim the replica \(replica).",
        remedy: "Say at an office whose it is: `\(ShellCommand.settle(replica, identities))`.")
    case .grantedByWildcard(let grant):
      self = CommandError(
        .badData, "granted-by-wildcard",
        "Taking this away would change nothing: \(grant.subject) has it on \(grant.scope).",
        remedy: "Revoke that first: `\(ShellCommand.revoke(grant))`.")
    }
  }

  static func damagedStore(_ detail: String) -> CommandError {
    CommandError(
      .storage, "store-damaged", "The store is damaged: \(detail).",
      remedy:
        "`syncclient verify --repair` mends what it can; docs/ERRORS.md says how to save what was not sent."
    )
  }

  static func overLimit(_ reason: String) -> CommandError {
    CommandError(
      .badData, "over-limit", "Nothing was written: \(reason).",
      remedy: "Write less at once, or give it to several records.")
  }
}

extension ShellCommand {
  fileprivate static func settle(_ replica: ReplicaID, _ identities: [Identity]) -> ShellCommand {
    ShellCommand(
      "syncclient", "resolve", CollectionName.office.text, "\(ReplicaEntry.id(of: replica))",
      "\(ReplicaEntry.ownerPath)", "--value", identities.first?.description ?? "")
  }

  fileprivate static func revoke(_ grant: Grant) -> ShellCommand {
    ShellCommand(
      "syncserver", "access", "revoke", grant.subject.description, grant.scope.description)
  }
}

extension StorageError.WriteLimit {
  fileprivate var told: String {
    switch self {
    case .valueBytes(let max): "one write holds at most \(max) bytes of values"
    case .paths(let max): "one write sets at most \(max) paths"
    case .textBytes(let path, let max): "\(path): a text has at most \(max) bytes"
    case .recordBytes(let max): "the record has reached \(max) bytes and may not grow"
    case .recordPaths(let max): "the record has reached \(max) fields and may not grow"
    }
  }
}
