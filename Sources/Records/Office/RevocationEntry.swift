/// The newest revocation list of one authority: a record of the offices' own collection, `revoked/HEX`, HEX being SHA-256 of the
/// authority's public key, with `list`, the list in DER.
///
/// Offices may write several at the same time. Which is the newest, its own signed words say.
public struct RevocationEntry: Sendable {
  static let idPrefix = "revoked/"
  static let listPath = FieldPath(trusted: Array("list".utf8))

  /// Every list that is held, in DER, as it was written: not checked by anybody.
  public let lists: [[UInt8]]

  public init(_ record: Record) {
    lists = record.siblings(at: Self.listPath).compactMap { sibling in
      if case .bytes(let der)? = sibling.value { der } else { nil }
    }
  }

  /// - Parameter authority: SHA-256 of its public key.
  public static func id(ofAuthority authority: [UInt8]) -> RecordID {
    RecordID(trusted: Array((idPrefix + Hex.text(of: authority)).utf8))
  }

  /// What to write so that `der` is the list.
  public static func holding(_ der: [UInt8]) -> [Record.Change] {
    [(listPath, .value(.bytes(der)))]
  }
}
