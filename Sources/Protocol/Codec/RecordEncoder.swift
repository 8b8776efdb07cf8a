import OfficeSyncRecords

/// Writes a record in its one canonical form, which is the stored form and the wire form alike.
///
/// The body comes first and depends on the siblings alone: its hash is the record's part in the collection's
/// fingerprint. See `docs/PROTOCOL.md`, "Records".
public struct RecordEncoder {
  private let record: Record
  private var replicas: [ReplicaID] = []
  private var authors: [Identity] = []
  private var writes: [Write] = []

  private struct Write {
    var dot: Dot
    /// nil where the value is withheld.
    var info: WriteInfo?
  }

  private init(_ record: Record) {
    self.record = record
    collect()
  }

  public static func encode(_ record: Record) -> EncodedRecord {
    let encoder = RecordEncoder(record)
    var writer = ByteWriter(reserving: 512)
    encoder.writeBody(&writer)
    let bodyCount = writer.bytes.count
    encoder.writeCausality(&writer)
    return EncodedRecord(trusted: writer.bytes, bodyCount: bodyCount)
  }

  private mutating func collect() {
    for field in record.fields {
      for sibling in field.siblings where writes.last?.dot != sibling.dot {
        writes.append(Write(dot: sibling.dot, info: sibling.write))
      }
      for dot in field.withheld { writes.append(Write(dot: dot, info: nil)) }
    }
    // Most records stem from one write.
    if writes.count > 1 {
      writes.sort { $0.dot < $1.dot }
      writes = writes.enumerated().filter { $0 == 0 || writes[$0 - 1].dot != $1.dot }.map(\.element)
      authors = Set(writes.compactMap { $0.info?.author }).sorted()
    } else if let author = writes.first?.info?.author {
      authors = [author]
    }
    for write in writes where replicas.last != write.dot.replica {
      replicas.append(write.dot.replica)
    }
  }

  /// Where a write that was collected stands in the table.
  private func index(of dot: Dot) -> Int {
    var (low, high) = (0, writes.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if writes[middle].dot < dot { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func writeBody(_ writer: inout ByteWriter) {
    writer.varint(replicas.count)
    for replica in replicas { writer.replica(replica) }
    writer.varint(authors.count)
    for author in authors { writer.text(author.description) }

    writer.varint(writes.count)
    var replicaIndex = 0
    for write in writes {
      while replicas[replicaIndex] != write.dot.replica { replicaIndex += 1 }
      writer.varint(replicaIndex)
      writer.varint(write.dot.counter)
      guard let info = write.info else {
        writer.varint(0)
        continue
      }
      writer.varint((authors.firstIndex(of: info.author) ?? 0) + 1)
      writer.fixed64(info.time.bits)
      writer.text(info.note)
    }

    writer.varint(record.fields.count)
    for field in record.fields {
      writer.prefixed(field.path.key.bytes)
      writer.varint(field.siblings.count + field.withheld.count)
      var withheld = field.withheld[...]
      for sibling in field.siblings {
        while let dot = withheld.first, dot < sibling.dot {
          writer.varint(index(of: dot))
          withheld = withheld.dropFirst()
        }
        writer.varint(index(of: sibling.dot))
        writer.content(sibling.content)
      }
      for dot in withheld { writer.varint(index(of: dot)) }
    }
  }

  private func writeCausality(_ writer: inout ByteWriter) {
    for replica in replicas { writer.varint(record.clock[replica]) }
    let others = record.clock.entries.filter { !replicas.contains($0.replica) }
    writer.varint(others.count)
    for entry in others { writer.dot(entry) }
    writer.vector(record.erased)
  }
}

/// A record's bytes in canonical form, known to be well formed.
public struct EncodedRecord: Hashable, Sendable {
  public let bytes: [UInt8]
  /// How many of the bytes make the body: what the fingerprint is taken of.
  public let bodyCount: Int

  init(trusted bytes: [UInt8], bodyCount: Int) {
    self.bytes = bytes
    self.bodyCount = bodyCount
  }
}
