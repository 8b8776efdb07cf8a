import OfficeSyncRecords

/// Writes a record in its one canonical form, which is the stored form and the wire form alike.
///
/// The body comes first and depends on the siblings alone: its hash is the record's part in the collection's
/// fingerprint. See `docs/PROTOCOL.md`, "Records".
public struct RecordEncoder {
  private let record: Record
  private var replicas: [ReplicaID] = []
  private var authors: [String] = []
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
    var seen: Set<Dot> = []
    for field in record.fields {
      for sibling in field.siblings where seen.insert(sibling.dot).inserted {
        writes.append(Write(dot: sibling.dot, info: sibling.write))
      }
    }
    for field in record.fields {
      for dot in field.withheld where seen.insert(dot).inserted {
        writes.append(Write(dot: dot, info: nil))
      }
    }
    writes.sort { $0.dot < $1.dot }
    for write in writes where replicas.last != write.dot.replica {
      replicas.append(write.dot.replica)
    }
    authors = Set(writes.compactMap { $0.info?.author.description }).sorted()
  }

  private func writeBody(_ writer: inout ByteWriter) {
    writer.varint(replicas.count)
    for replica in replicas { writer.replica(replica) }
    writer.varint(authors.count)
    for author in authors { writer.text(author) }

    writer.varint(writes.count)
    var replicaIndex = 0
    var indexOfWrite: [Dot: Int] = [:]
    for (index, write) in writes.enumerated() {
      indexOfWrite[write.dot] = index
      while replicas[replicaIndex] != write.dot.replica { replicaIndex += 1 }
      writer.varint(replicaIndex)
      writer.varint(write.dot.counter)
      guard let info = write.info else {
        writer.varint(0)
        continue
      }
      writer.varint((authors.firstIndex(of: info.author.description) ?? 0) + 1)
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
          writer.varint(indexOfWrite[dot] ?? 0)
          withheld = withheld.dropFirst()
        }
        writer.varint(indexOfWrite[sibling.dot] ?? 0)
        writer.content(sibling.content)
      }
      for dot in withheld { writer.varint(indexOfWrite[dot] ?? 0) }
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
