import OfficeSyncRecords

extension Knowledge {
  /// What a state names, sorted.
  var openOrigins: [ReplicaID] {
    Set(vector.entries.map(\.replica)).union(newestStamps.keys).union(strays.keys)
      .filter { !closed.contains($0) }.sorted()
  }
}

extension ByteWriter {
  /// Also origins of which there is a stamp, or a stray, and no knowledge: a stream that was cut may have left just that,
  /// and without it a fork could not be seen.
  mutating func open(_ knowledge: Knowledge) { open(knowledge.openOrigins, of: knowledge) }

  /// - Parameter origins: sorted.
  mutating func open(_ origins: [ReplicaID], of knowledge: Knowledge) {
    varint(origins.count)
    for origin in origins {
      replica(origin)
      varint(knowledge.vector[origin])
      stampOrNone(knowledge.newestStamps[origin])
      let sum = knowledge.strays[origin]
      byte(sum == nil ? 0 : 1)
      if let sum { raw(sum.bytes) }
    }
  }

  /// In the order in which they were closed, which the receiver takes over.
  mutating func closed(_ closed: ClosedOrigins) {
    varint(closed.endings.count)
    for ending in closed.endings { self.ending(ending) }
  }

  mutating func endings(_ endings: [Ending]) {
    varint(endings.count)
    for ending in endings { self.ending(ending) }
  }

  private mutating func ending(_ ending: Ending) {
    replica(ending.origin)
    stampOrNone(ending.stamp)
    byte(ending.isRetirement ? 1 : 0)
  }
}

extension ByteReader {
  mutating func openKnowledge() throws(CodecError) -> Knowledge {
    let count = try count(
      of: "knowledge", itemBytesMin: ReplicaID.byteCount + 3, max: Limits.vectorEntriesMax)
    var entries: [Dot] = []
    var stamps: [ReplicaID: Stamp] = [:]
    var strays: [ReplicaID: Fingerprint] = [:]
    var last: ReplicaID?
    for _ in 0..<count {
      let origin = try replica()
      if let last, last >= origin { throw .notCanonical("knowledge") }
      last = origin
      let known = try varint()
      guard known <= Dot.counterMax else { throw .outOfRange("counter") }
      if known > 0 { entries.append(Dot(origin, known)) }
      stamps[origin] = try stampOrNone()
      if try flags(allowed: 1, of: "strays") == 1 { strays[origin] = try fingerprint() }
      if known == 0, stamps[origin] == nil { throw .notCanonical("knowledge") }
    }
    guard let vector = VersionVector(sorted: entries) else { throw .notCanonical("knowledge") }
    return Knowledge(vector: vector, newestStamps: stamps, strays: strays)
  }

  mutating func closedOrigins(besides open: Knowledge) throws(CodecError) -> [Ending] {
    var closed: [Ending] = []
    var origins: Set<ReplicaID> = []
    for _ in 0..<(try endingCount()) {
      let ending = try ending()
      guard ending.stamp != nil, origins.insert(ending.origin).inserted,
        open.vector[ending.origin] == 0, open.newestStamps[ending.origin] == nil
      else { throw .notCanonical("closed origins") }
      closed.append(ending)
    }
    return closed
  }

  mutating func endings() throws(CodecError) -> [Ending] {
    var endings: [Ending] = []
    for _ in 0..<(try endingCount()) {
      let ending = try ending()
      if let last = endings.last, last >= ending { throw .notCanonical("endings") }
      endings.append(ending)
    }
    return endings
  }

  private mutating func endingCount() throws(CodecError) -> Int {
    try count(of: "endings", itemBytesMin: ReplicaID.byteCount + 2, max: Limits.vectorEntriesMax)
  }

  private mutating func ending() throws(CodecError) -> Ending {
    Ending(
      origin: try replica(), stamp: try stampOrNone(),
      isRetirement: try flags(allowed: 1, of: "ending") == 1)
  }
}
