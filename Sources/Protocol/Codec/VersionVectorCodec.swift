import OfficeSyncRecords

extension ByteWriter {
  /// The number of entries, then each: replica, counter; sorted by replica.
  public mutating func vector(_ vector: VersionVector) {
    varint(vector.count)
    for entry in vector.entries { dot(entry) }
  }

  public mutating func dot(_ dot: Dot) {
    replica(dot.replica)
    varint(dot.counter)
  }
}

extension ByteReader {
  public mutating func vector(max: Int = Limits.vectorEntriesMax) throws(CodecError)
    -> VersionVector
  {
    let count = try count(
      of: "version vector", itemBytesMin: ReplicaID.byteCount + 1, max: max)
    var entries: [Dot] = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(try dot()) }
    guard let vector = VersionVector(sorted: entries) else {
      throw .notCanonical("version vector")
    }
    return vector
  }

  public mutating func dot() throws(CodecError) -> Dot {
    Dot(try replica(), try counter())
  }
}
