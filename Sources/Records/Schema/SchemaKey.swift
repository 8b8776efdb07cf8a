/// The words of a schema, the same in its file and in the paths of the `$schema` record.
enum SchemaKey {
  static let fields = "fields"
  static let type = "type"
  static let policy = "policy"
  static let label = "label"
  static let allowed = "allowed"
}

extension FieldRule {
  /// A tag in the manner of BCP 47: letters, digits and hyphens.
  static func isLanguageTag(_ text: String) -> Bool {
    (2...35).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
