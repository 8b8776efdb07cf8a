/// A record's ID within its collection: 1–128 bytes of UTF-8 in NFC without control characters.
///
/// IDs that begin with `$` are reserved; the one in use is ``schema``.
public struct RecordID: Hashable, Comparable, Sendable {
  public static let bytesMax = 128
  /// The record that holds a collection's schema.
  public static let schema = RecordID(trusted: Array("$schema".utf8))

  public let key: ByteString

  init(trusted bytes: [UInt8]) {
    key = ByteString(trusted: bytes)
  }

  /// Reads the form in which IDs are stored and sent. Reserved IDs pass: who may write them is not this type's affair.
  /// - Throws: ``NameError``
  public init(bytes: [UInt8]) throws(NameError) {
    try KeyText.check(bytes, bytesMax: Self.bytesMax)
    self.init(trusted: bytes)
  }

  /// Takes what a user or a file gives, brought to NFC.
  /// - Throws: ``NameError``; `.reserved` for a text that begins with `$`.
  public init(_ text: String) throws(NameError) {
    if text.utf8.first == UInt8(ascii: "$") { throw .reserved }
    try self.init(bytes: KeyText.normalized(text))
  }

  public var isReserved: Bool { key.bytes.first == UInt8(ascii: "$") }

  public static func < (a: RecordID, b: RecordID) -> Bool { a.key < b.key }
}

extension RecordID: CustomStringConvertible {
  public var description: String { key.description }
}
