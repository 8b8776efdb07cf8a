import OfficeSyncRecords

/// Names, addresses of certificates, dates, numbers: what is read from a text must be written as a text that reads the same.
func fuzzNames(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  expectSame(text) { try Identity($0) }
  if let identity = try? Identity(uri: text) {
    require(identity.uri == text, "a URI names an identity that has another: \(identity.uri)")
  }
  expectSame(text) { try CollectionName($0) }
  expectSame(text) { try RecordID($0) }
  expectSame(text) { try FieldPath($0) }
  expectSame(text) { ReplicaID(hex: $0) }
  expectSame(text) { CivilDate($0) }
  expectSame(text) { Timestamp($0) }
  expectSame(text) { DotPattern($0) }
  if let id = try? RecordID(bytes: bytes) {
    require(id.key.bytes == bytes, "a record's ID changed by being read")
  }
  if let path = try? FieldPath(bytes: bytes) {
    require((try? FieldPath(path.description)) == path, "a path changed by being written")
  }
  fuzzNumbers(text)
}

private func fuzzNumbers(_ text: String) {
  if let number = DecimalNumber(text) {
    require(number.compare(number) == 0, "a number is not equal to itself")
  }

  for type in FieldType.allCases {
    if let value = try? Value(typed: text, type: type) {
      require(type.admits(value), "a value is not of the type it was read as")
      require(value.compare(value) == 0, "a value is not equal to itself")
    }
  }
}

private func expectSame<Name: Hashable & CustomStringConvertible>(
  _ text: String, _ read: (String) throws -> Name?
) {
  guard let name = try? read(text) else { return }
  require((try? read(name.description)) == name, "\(Name.self) changed by being written")
}
