import OfficeSyncRecords

/// A record as most are: one sibling a field, nothing deleted, withheld or erased, and no entry in its clock but of those whose
/// writes it shows.
///
/// What a store has to know of such a record is told from its bytes, at a fraction of what it costs to make a ``Record`` of
/// them: a first pull is made of these.
public struct PlainRecord: Hashable, Sendable {
  public let encoded: EncodedRecord
  public let clock: VersionVector
  /// Of each replica in ``clock`` the first write that a field shows, in the same order.
  public let firstWrites: [Dot]
  /// The latest time that a write bears.
  public let latest: HybridTime
  /// Where the name of its only author stands; nil if there are several, or it was not looked for.
  private let author: Range<Int>?

  /// A record that is known to be plain, and of which one write has made all.
  init(trusted encoded: EncodedRecord, onlyWrite dot: Dot, at time: HybridTime) {
    self.encoded = encoded
    clock = VersionVector(dot)
    firstWrites = [dot]
    latest = time
    author = nil
  }

  /// Whether these are the fields of a plain record that a single write made.
  static func areFields(ofOneWrite bytes: [UInt8]) -> Bool {
    var skim = Skim(bytes)
    return (try? skim.fieldsOfOneWrite()) != nil
  }

  /// nil for a record of any other shape, and for bytes that are no record in canonical form: what they are then
  /// ``RecordDecoder`` tells. Whatever passes here it accepts.
  public init?(_ bytes: [UInt8]) {
    var skim = Skim(bytes)
    guard let bodyCount = try? skim.body(), let clock = try? skim.clock() else { return nil }
    encoded = EncodedRecord(trusted: bytes, bodyCount: bodyCount)
    self.clock = clock
    firstWrites = skim.origins.map { Dot($0.replica, $0.first) }
    latest = skim.latest
    author = skim.onlyAuthor
  }

  /// Whether all its writes are known to be this one's.
  public func isWhollyBy(_ author: Identity) -> Bool {
    self.author.map { encoded.bytes[$0].elementsEqual(author.description.utf8) } ?? false
  }
}

/// Reads over a record without keeping more of it than ``PlainRecord`` says.
private struct Skim {
  struct Origin {
    let replica: ReplicaID
    /// Counters of its first and its last write; 0 as long as none was seen.
    var first: UInt64 = 0
    var last: UInt64 = 0
  }

  /// What is used of a table is kept in the bits of a word.
  private static let tableCountMax = 64

  private(set) var origins: [Origin] = []
  private(set) var latest = HybridTime.zero
  private(set) var onlyAuthor: Range<Int>?
  private var reader: ByteReader
  private let count: Int
  private var authorCount = 0
  private var writeCount = 0

  init(_ bytes: [UInt8]) {
    reader = ByteReader(bytes)
    count = bytes.count
  }

  /// - Returns: how many bytes it has.
  mutating func body() throws(CodecError) -> Int {
    try skimReplicas()
    try skimAuthors()
    try skimWrites()
    try skimFields()
    return count - reader.remaining
  }

  /// Reads to the end.
  mutating func fieldsOfOneWrite() throws(CodecError) {
    writeCount = 1
    try skimFields()
    try reader.finish()
  }

  mutating func clock() throws(CodecError) -> VersionVector {
    var entries: [Dot] = []
    entries.reserveCapacity(origins.count)
    for origin in origins {
      let counter = try reader.counter()
      guard counter >= origin.last else { throw Self.otherShape }
      entries.append(Dot(origin.replica, counter))
    }
    // No other entries, and nothing erased.
    guard try reader.byte() == 0, try reader.byte() == 0, reader.isAtEnd,
      let clock = VersionVector(sorted: entries)
    else { throw Self.otherShape }
    return clock
  }

  private static let otherShape = CodecError.notCanonical("plain record")

  /// How many entries a table has.
  private mutating func tableCount() throws(CodecError) -> Int {
    let count = try reader.varint()
    guard (1...UInt64(Self.tableCountMax)).contains(count) else { throw Self.otherShape }
    return Int(count)
  }

  private mutating func skimReplicas() throws(CodecError) {
    for _ in 0..<(try tableCount()) {
      let replica = try reader.replica()
      if let last = origins.last, last.replica >= replica { throw Self.otherShape }
      origins.append(Origin(replica: replica))
    }
  }

  private mutating func skimAuthors() throws(CodecError) {
    authorCount = try tableCount()
    if authorCount == 1 {
      let author = try reader.skipBytes(of: "author", max: Identity.bytesMax)
      guard Identity.isWellFormed(reader.bytes[author]) else { throw Self.otherShape }
      onlyAuthor = author
      return
    }
    var last: Identity?
    for _ in 0..<authorCount {
      let author = try reader.identity(of: "author")
      if let last, last >= author { throw Self.otherShape }
      last = author
    }
  }

  private mutating func skimWrites() throws(CodecError) {
    writeCount = try tableCount()
    var (lastOrigin, usedOrigins, usedAuthors) = (0, 0, UInt64(0))
    for _ in 0..<writeCount {
      let origin = try reader.varint()
      guard origin < UInt64(origins.count), origin >= lastOrigin else { throw Self.otherShape }
      let place = Int(origin)
      let counter = try reader.counter()
      guard counter > origins[place].last else { throw Self.otherShape }
      if origins[place].first == 0 {
        origins[place].first = counter
        usedOrigins += 1
      }
      origins[place].last = counter
      lastOrigin = place
      // 0 is a write whose values are withheld.
      let author = try reader.varint()
      guard (1...UInt64(authorCount)).contains(author) else { throw Self.otherShape }
      usedAuthors |= 1 << (author - 1)
      latest = max(latest, HybridTime(bits: try reader.fixed64()))
      try reader.skipText(of: "note", max: WriteInfo.noteBytesMax)
    }
    guard usedOrigins == origins.count, usedAuthors.nonzeroBitCount == authorCount else {
      throw Self.otherShape
    }
  }

  private mutating func skimFields() throws(CodecError) {
    let count = try reader.count(of: "fields", itemBytesMin: 4, max: WriteLimits.pathsMax)
    var last = 0..<0
    var (valueBytes, usedWrites) = (0, UInt64(0))
    for _ in 0..<count {
      let path = try reader.skipBytes(of: "path", max: FieldPath.bytesMax)
      guard reader.isPlainPath(path), reader.precedes(last, path) else { throw Self.otherShape }
      last = path
      guard try reader.varint() == 1 else { throw Self.otherShape }
      let write = try reader.varint()
      guard write < UInt64(writeCount) else { throw Self.otherShape }
      usedWrites |= 1 << write
      let before = reader.remaining
      try reader.skipContent()
      valueBytes += before - reader.remaining
    }
    // If all are no more than one write may hold, then each is.
    guard usedWrites.nonzeroBitCount == writeCount, valueBytes <= WriteLimits.valueBytesMax else {
      throw Self.otherShape
    }
  }
}
