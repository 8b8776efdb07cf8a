import OfficeSyncRecords

/// Reads a record, and refuses every encoding but the canonical one.
public struct RecordDecoder {
  private var reader: ByteReader
  private var replicas: [ReplicaID] = []
  private var authors: [Identity] = []
  private var writes: [Write] = []

  private struct Write {
    var dot: Dot
    /// nil where the value is withheld.
    var info: WriteInfo?
    var paths = 0
    var valueBytes = 0
  }

  private init(_ bytes: [UInt8]) {
    reader = ByteReader(bytes)
  }

  /// - Throws: ``CodecError``
  public static func decode(_ bytes: [UInt8]) throws(CodecError) -> (Record, EncodedRecord) {
    var decoder = RecordDecoder(bytes)
    try decoder.readReplicas()
    try decoder.readAuthors()
    try decoder.readWrites()
    let fields = try decoder.readFields()
    try decoder.checkUse()
    let bodyCount = bytes.count - decoder.reader.remaining
    let clock = try decoder.readClock()
    let erased = try decoder.reader.vector()
    try decoder.reader.finish()
    let record: Record
    do {
      record = try Record(fields: fields, clock: clock, erased: erased)
    } catch {
      throw .record(error)
    }
    return (record, EncodedRecord(trusted: bytes, bodyCount: bodyCount))
  }

  private mutating func readReplicas() throws(CodecError) {
    let count = try reader.count(of: "replicas", itemBytesMin: ReplicaID.byteCount)
    for _ in 0..<count {
      let replica = try reader.replica()
      if let last = replicas.last, last >= replica { throw .notCanonical("replicas") }
      replicas.append(replica)
    }
  }

  private mutating func readAuthors() throws(CodecError) {
    let count = try reader.count(of: "authors", itemBytesMin: 1)
    for _ in 0..<count {
      let author = try reader.identity(of: "author")
      if let last = authors.last, last >= author { throw .notCanonical("authors") }
      authors.append(author)
    }
  }

  private mutating func readWrites() throws(CodecError) {
    let count = try reader.count(of: "writes", itemBytesMin: 3)
    writes.reserveCapacity(count)
    for _ in 0..<count {
      let index = try reader.varint()
      guard index < UInt64(replicas.count) else { throw .outOfRange("replica index") }
      let dot = Dot(replicas[Int(index)], try reader.counter())
      if let last = writes.last, last.dot >= dot { throw .notCanonical("writes") }
      let author = try reader.varint()
      guard author <= UInt64(authors.count) else { throw .outOfRange("author index") }
      if author == 0 {
        writes.append(Write(dot: dot, info: nil))
        continue
      }
      let time = HybridTime(bits: try reader.fixed64())
      let note = try reader.text(of: "note", max: WriteInfo.noteBytesMax)
      let info = WriteInfo(time: time, author: authors[Int(author) - 1], note: note)
      writes.append(Write(dot: dot, info: info))
    }
  }

  private mutating func readFields() throws(CodecError) -> [Record.Field] {
    let count = try reader.count(of: "fields", itemBytesMin: 4)
    var fields: [Record.Field] = []
    fields.reserveCapacity(count)
    for _ in 0..<count {
      let bytes = try reader.bytes(of: "path", max: FieldPath.bytesMax)
      let path: FieldPath
      do { path = try FieldPath(bytes: Array(bytes)) } catch { throw .name(error) }
      fields.append(try readSiblings(of: path))
    }
    return fields
  }

  private mutating func readSiblings(of path: FieldPath) throws(CodecError) -> Record.Field {
    let count = try reader.count(of: "siblings", itemBytesMin: 1)
    var siblings: [Sibling] = []
    siblings.reserveCapacity(count)
    var withheld: [Dot] = []
    var last: UInt64?
    for _ in 0..<count {
      let index = try reader.varint()
      guard index < UInt64(writes.count) else { throw .outOfRange("write index") }
      if let last, last >= index { throw .notCanonical("siblings") }
      last = index
      let place = Int(index)
      writes[place].paths += 1
      guard let info = writes[place].info else {
        withheld.append(writes[place].dot)
        continue
      }
      let before = reader.remaining
      let content = try reader.content()
      writes[place].valueBytes += before - reader.remaining
      siblings.append(Sibling(dot: writes[place].dot, write: info, content: content))
    }
    return Record.Field(path: path, siblings: siblings, withheld: withheld)
  }

  /// Whatever the tables name must be used, or one record would have many encodings; and no write holds more than one
  /// write may.
  private func checkUse() throws(CodecError) {
    var usedReplicas = 0
    var lastReplica: ReplicaID?
    for write in writes {
      if write.paths == 0 { throw .notCanonical("writes") }
      if write.paths > WriteLimits.pathsMax {
        throw .overLimit("paths of one write", max: WriteLimits.pathsMax)
      }
      if write.valueBytes > WriteLimits.valueBytesMax + WriteLimits.pathsMax * 8 {
        throw .overLimit("bytes of one write", max: WriteLimits.valueBytesMax)
      }
      // Writes are sorted by dot, so those of one replica follow each other.
      if write.dot.replica != lastReplica { usedReplicas += 1 }
      lastReplica = write.dot.replica
    }
    if usedReplicas != replicas.count { throw .notCanonical("replicas") }
    if authors.count > 1 || writes.count != 1 {
      let usedAuthors = Set(writes.compactMap { $0.info?.author })
      if usedAuthors.count != authors.count { throw .notCanonical("authors") }
    } else if (writes[0].info == nil) != authors.isEmpty {
      throw .notCanonical("authors")
    }
  }

  private mutating func readClock() throws(CodecError) -> VersionVector {
    var own: [Dot] = []
    for replica in replicas { own.append(Dot(replica, try reader.counter())) }
    let others = try reader.vector()
    if replicas.contains(where: { others[$0] > 0 }) { throw .notCanonical("clock") }
    if others.isEmpty {
      // The table was checked to be sorted.
      return VersionVector(sorted: own) ?? VersionVector(own)
    }
    return VersionVector(own).joined(others)
  }
}
