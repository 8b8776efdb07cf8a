extension ByteReader {
  /// Reads to the end of a message's body what a later version may have added: tag, length, bytes, by rising tags.
  /// Version 1 has none. An even tag may be skipped by who does not know it; an odd one must be understood.
  mutating func extensions() throws(CodecError) {
    var last: UInt64?
    var count = 0
    while !isAtEnd {
      let tag = try varint()
      if let last, last >= tag { throw .notCanonical("extensions") }
      last = tag
      count += 1
      if count > Limits.extensionsMax { throw .overLimit("extensions", max: Limits.extensionsMax) }
      _ = try bytes(of: "extension", max: Limits.frameBytesMax)
      if !tag.isMultiple(of: 2) { throw .criticalExtension(tag) }
    }
  }
}
