/// What the offices know of a replica: a record of their own collection, `replica/HEX`, with `owner`, an identity, and
/// `retired`, the time of it.
///
/// The first identity that shows a replica owns it for ever. Where two offices met two identities with one replica there are
/// two owners, and neither is believed until an administrator settles the field.
public struct ReplicaEntry: Sendable {
  /// What IDs begin with, up to the slash.
  package static let kind = "replica"
  private static let idPrefix = kind + "/"
  public static let ownerPath = FieldPath(trusted: Array("owner".utf8))
  static let retiredPath = FieldPath(trusted: Array("retired".utf8))

  public let replica: ReplicaID
  /// Sorted; more than one is a conflict.
  public let owners: [Identity]
  /// Milliseconds since 1970 UTC; nil if it is in use, as far as is known.
  public let retiredMilliseconds: UInt64?

  public init(of replica: ReplicaID, _ record: Record) {
    self.replica = replica
    let owners = record.siblings(at: Self.ownerPath).compactMap { sibling -> Identity? in
      guard case .text(let text)? = sibling.value else { return nil }
      return try? Identity(text)
    }
    self.owners = Set(owners).sorted()
    let times = record.siblings(at: Self.retiredPath).compactMap { sibling -> UInt64? in
      guard case .timestamp(let time)? = sibling.value else { return nil }
      return UInt64(max(0, time.milliseconds))
    }
    retiredMilliseconds = times.min()
  }

  /// nil for a record that is something else.
  public init?(_ id: RecordID, _ record: Record) {
    let text = id.description
    guard text.hasPrefix(Self.idPrefix),
      let replica = ReplicaID(hex: String(text.dropFirst(Self.idPrefix.count)))
    else { return nil }
    self.init(of: replica, record)
  }

  public static func id(of replica: ReplicaID) -> RecordID {
    RecordID(trusted: Array((idPrefix + replica.description).utf8))
  }

  /// What to write so that the replica belongs to `identity`.
  public static func owned(by identity: Identity) -> [Record.Change] {
    [(ownerPath, .value(.text(identity.description)))]
  }

  /// What to write so that the replica was retired then; the first time stays.
  public func changes(retiredAt milliseconds: UInt64) -> [Record.Change] {
    guard retiredMilliseconds == nil,
      let time = Timestamp(milliseconds: Int64(clamping: milliseconds))
    else {
      return []
    }
    return [(Self.retiredPath, .value(.timestamp(time)))]
  }
}
