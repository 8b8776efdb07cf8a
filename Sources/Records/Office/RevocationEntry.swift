/// The newest revocation list of one authority: a record of the offices' own collection, `revoked/HEX`, HEX being SHA-256 of the
/// authority's public key, with `list`, the list in DER, and `issuer`, the authority's certificate in DER if it is one that the
/// organisation's own authority made.
///
/// Offices may write several at the same time. Which is the newest, its own signed words say.
public struct RevocationEntry: Sendable {
  /// What IDs begin with, up to the slash.
  package static let kind = "revoked"
  private static let idPrefix = kind + "/"
  static let listPath = FieldPath(trusted: Array("list".utf8))
  static let issuerPath = FieldPath(trusted: Array("issuer".utf8))

  /// Every list that is held, in DER, as it was written: not checked by anybody.
  public let lists: [[UInt8]]
  /// The same of the certificates of those who made them.
  public let issuers: [[UInt8]]

  public init(_ record: Record) {
    func bytes(at path: FieldPath) -> [[UInt8]] {
      record.siblings(at: path).compactMap { sibling in
        if case .bytes(let der)? = sibling.value { der } else { nil }
      }
    }
    lists = bytes(at: Self.listPath)
    issuers = bytes(at: Self.issuerPath)
  }

  /// nil for a record that is something else.
  public init?(_ id: RecordID, _ record: Record) {
    guard id.description.hasPrefix(Self.idPrefix) else { return nil }
    self.init(record)
  }

  /// - Parameter authority: SHA-256 of its public key.
  public static func id(ofAuthority authority: [UInt8]) -> RecordID {
    RecordID(trusted: Array((idPrefix + Hex.text(of: authority)).utf8))
  }

  /// What to write so that `der` is the list.
  /// - Parameter issuer: in DER; nil for an authority that all offices trust already.
  public static func holding(_ der: [UInt8], issuer: [UInt8]?) -> [Record.Change] {
    [(listPath, .value(.bytes(der)))] + (issuer.map { [(issuerPath, .value(.bytes($0)))] } ?? [])
  }
}
