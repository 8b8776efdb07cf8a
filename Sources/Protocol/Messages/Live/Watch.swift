import OfficeSyncRecords

/// Asks the server to say ``Changed`` from now on, and to leave the connection open.
public struct Watch: Hashable, Sendable {
  /// Sorted; none for all that the client may read.
  public var collections: [CollectionName]

  public init(collections: [CollectionName] = []) {
    self.collections = collections
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    collections = try reader.collections()
  }

  func encode(into writer: inout ByteWriter) { writer.collections(collections) }
}

/// That the server knows of these collections what the client, as far as this session showed, does not.
public struct Changed: Hashable, Sendable {
  /// Sorted, at least one.
  public var collections: [CollectionName]

  public init(collections: [CollectionName]) {
    self.collections = collections
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    collections = try reader.collections()
    if collections.isEmpty { throw .notCanonical("collections") }
  }

  func encode(into writer: inout ByteWriter) { writer.collections(collections) }
}

extension ByteReader {
  fileprivate mutating func collections() throws(CodecError) -> [CollectionName] {
    let count = try count(of: "collections", itemBytesMin: 2, max: Limits.collectionsMax)
    var names: [CollectionName] = []
    for _ in 0..<count {
      let name = try collection()
      if let last = names.last, last >= name { throw .notCanonical("collections") }
      names.append(name)
    }
    return names
  }
}

extension ByteWriter {
  fileprivate mutating func collections(_ names: [CollectionName]) {
    varint(names.count)
    for name in names { text(name.text) }
  }
}
