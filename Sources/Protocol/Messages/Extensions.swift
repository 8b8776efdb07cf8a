extension ByteWriter {
  /// Behind all fields of a message.
  mutating func addExtension(_ tag: UInt64, _ content: [UInt8]) {
    varint(tag)
    prefixed(content)
  }
}

extension ByteReader {
  /// Reads to the end of a message's body what a later version may have added: tag, length, bytes, by rising tags.
  /// An even tag may be skipped by who does not know it; an odd one must be understood.
  /// - Parameter known: the one tag that the message has, if any; even.
  /// - Returns: what came under it.
  @discardableResult
  mutating func extensions(finding known: UInt64? = nil) throws(CodecError) -> ArraySlice<UInt8>? {
    var last: UInt64?
    var found: ArraySlice<UInt8>?
    var count = 0
    while !isAtEnd {
      let tag = try varint()
      if let last, last >= tag { throw .notCanonical("extensions") }
      last = tag
      count += 1
      if count > Limits.extensionsMax { throw .overLimit("extensions", max: Limits.extensionsMax) }
      let content = try bytes(of: "extension", max: Limits.frameBytesMax)
      if tag == known { found = content }
      if !tag.isMultiple(of: 2) { throw .criticalExtension(tag) }
    }
    return found
  }
}
