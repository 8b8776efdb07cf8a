import OfficeSyncProtocol
import OfficeSyncRecords

/// Records and messages, at least one of each kind, whose bytes are in `Tests/Vectors`.
enum Samples {
  static let time = HybridTime(milliseconds: 1_795_512_600_000, logical: 3)

  static func id(_ byte: UInt64) -> ReplicaID {
    let half = byte * 0x0101_0101_0101_0101
    return ReplicaID(high: half, low: half)
  }

  static let amina = id(0xA0)
  static let rabat = id(0xB0)
  static let casablanca = id(0xC0)

  private static func info(_ author: String, note: String = "") throws -> WriteInfo {
    WriteInfo(time: time, author: try Identity(author), note: note)
  }

  // MARK: Values

  static func values() throws -> [Value] {
    [
      .null, .boolean(false), .boolean(true), .integer(0), .integer(-1), .integer(500),
      .integer(.max), .integer(.min),
      .decimal(try some(DecimalNumber("1500.00"))), .decimal(try some(DecimalNumber("-1.5e-9999"))),
      .double(try some(FiniteDouble(1.5))), .double(try some(FiniteDouble(-0.0))),
      .text(""), .text("الدار البيضاء / Casablanca (500)"), .text("Fe\u{300}s"), .text("F\u{E8}s"),
      .date(try some(CivilDate("0001-01-01"))), .date(try some(CivilDate("2026-03-31"))),
      .date(try some(CivilDate("9999-12-31"))),
      .timestamp(try some(Timestamp("0001-01-01T00:00:00.000Z"))),
      .timestamp(try some(Timestamp("2026-11-24T09:30:00.000Z"))),
      .timestamp(try some(Timestamp("9999-12-31T23:59:59.999Z"))),
      .bytes([]), .bytes([0, 127, 128, 255]),
      .list([]), .list([.text("\u{E9}")]), .list([.list([.null]), .integer(1)]),
      .object(.empty),
      .list([
        .object(
          try some(ObjectValue([(name: "name", value: .text("a")), (name: "Name", value: .null)])))
      ]),
    ]
  }

  // MARK: Records

  static func records() throws -> [(name: String, record: Record)] {
    [
      ("empty", Record()),
      ("one write", try oneWrite()),
      ("every kind of value", try everyValue()),
      ("concurrent siblings, one absent", try concurrent()),
      ("writes that were all superseded elsewhere", try clockOnly()),
      ("as a field device sends it: a sibling withheld", try withheld()),
      ("purged", try purged()),
      ("element of a set, entry of a journal, escaped path", try paths()),
    ]
  }

  private static func oneWrite() throws -> Record {
    var record = Record()
    record.write(
      [
        (try FieldPath("title"), .value(.text("Future Hub"))),
        (try FieldPath("jobsTarget"), .value(.integer(500))),
      ],
      as: Dot(casablanca, 1), info: try info("office/casablanca", note: "Samira"))
    return record
  }

  private static func everyValue() throws -> Record {
    var record = Record()
    let changes = try values().enumerated().map { index, value in
      (path: try FieldPath("v\(index)"), content: Sibling.Content.value(value))
    }
    record.write(
      changes + [(try FieldPath("w"), .absent)], as: Dot(rabat, Dot.counterMax),
      info: try info("office/rabat"))
    return record
  }

  private static func concurrent() throws -> Record {
    var (a, b) = (try oneWrite(), try oneWrite())
    a.write(
      [(try FieldPath("title"), .absent)], as: Dot(amina, 7), info: try info("field/amina"))
    b.write(
      [(try FieldPath("title"), .value(.text("Hub")))], as: Dot(rabat, 300),
      info: try info("office/rabat"))
    try a.merge(b)
    return a
  }

  private static func clockOnly() throws -> Record {
    try Record(
      fields: [], clock: VersionVector([Dot(amina, 7), Dot(casablanca, 1)]),
      erased: VersionVector())
  }

  private static func withheld() throws -> Record {
    let all = try concurrent()
    let fields = all.fields.filter { $0.path.description == "title" }.map { field in
      Record.Field(
        path: field.path, siblings: field.siblings.filter { $0.dot.replica == amina },
        withheld: field.siblings.map(\.dot).filter { $0.replica != amina })
    }
    return try Record(fields: fields, clock: all.clock, erased: all.erased)
  }

  private static func purged() throws -> Record {
    var record = try concurrent()
    record.purge(as: Dot(rabat, 301), info: try info("office/rabat"))
    return record
  }

  private static func paths() throws -> Record {
    var record = Record()
    let entry = "01a20ce405c00003" + casablanca.description
    record.write(
      [
        (
          try FieldPath("partners/d477a67f677ec5bd98993f0ac6ba1451"),
          .value(.text("Onepoint"))
        ),
        (try FieldPath("visits/\(entry)"), .value(.text("Visite du site"))),
        (try FieldPath(segments: ["a/b", "50 % = x", "é"]), .value(.null)),
      ],
      as: Dot(casablanca, 128), info: try info("office/casablanca"))
    return record
  }

  // MARK: Messages

  static func messages() throws -> [(name: String, message: Message)] {
    try opening() + comparing() + streaming() + ending() + verifying()
  }

  private static func opening() throws -> [(name: String, message: Message)] {
    let region = try CollectionName("casablanca-settat")
    return [
      (
        "hello",
        .hello(
          Hello(
            software: "example 0.1", replica: amina, replicaName: "amina",
            wallMilliseconds: 1_795_512_600_000))
      ),
      (
        "hello of a program that speaks versions 1 to 3",
        .hello(
          Hello(
            versionMin: 1, versionMax: 3, software: "", replica: amina, replicaName: "أمينة",
            wallMilliseconds: 0, formerReplicas: [rabat, id(0xD0)]))
      ),
      (
        "hello that offers to compress",
        .hello(
          Hello(
            software: "example 0.1", replica: amina, replicaName: "amina",
            wallMilliseconds: 1_795_512_600_000, compressions: [.zstd]))
      ),
      (
        "welcome that compresses",
        .welcome(
          Welcome(
            software: "syncserver 0.1", replica: casablanca, replicaName: "casablanca",
            wallMilliseconds: 1_795_512_600_000, collections: [], compression: .zstd))
      ),
      (
        "welcome",
        .welcome(
          Welcome(
            software: "syncserver 0.1", replica: casablanca, replicaName: "casablanca",
            wallMilliseconds: 1_795_512_600_000, isRecovering: true,
            collections: [
              .init(collection: .office, read: true, write: true, isHeld: true),
              .init(collection: region, read: true, write: false, isHeld: false),
              .init(
                collection: try CollectionName("souss-massa"), read: false, write: true,
                isHeld: false),
            ]))
      ),
      (
        "open",
        .open(
          Open(
            channel: 1, collection: region, directions: [.pull, .push],
            digest: try knowledge().digest, condition: condition(isPartial: true)))
      ),
      (
        "open with closed origins",
        .open(
          Open(
            channel: 1, collection: region, directions: [.pull, .push],
            digest: try knowledge().digest, closed: sum(from: 32),
            condition: condition(isPartial: true)))
      ),
      (
        "open with the sums of groups of origins",
        .open(
          Open(
            channel: 1, collection: region, directions: [.pull, .push],
            digest: try knowledge().digest, condition: condition(isPartial: false),
            sums: GroupSums(of: try knowledge(isPartial: true))))
      ),
    ]
  }

  private static func comparing() throws -> [(name: String, message: Message)] {
    [
      ("same", .same(Same(channel: 1, condition: condition(isPartial: false)))),
      (
        "state of nothing",
        .state(
          State(
            channel: 1, directions: .pull, knowledge: Knowledge(), ended: [],
            condition: Condition(fingerprint: .zero, isPartial: false), progress: nil))
      ),
      (
        "state with stamps, ended replicas and progress",
        .state(
          State(
            channel: 4_294_967_295, directions: .push, knowledge: try knowledge(isPartial: true),
            ended: [
              Ending(origin: amina, stamp: nil),
              Ending(origin: rabat, stamp: Stamp(counter: 9, token: id(0x14))),
            ], condition: condition(isPartial: true),
            progress: Progress(token: id(0x77), vector: VersionVector(Dot(amina, 300)))))
      ),
      (
        "state with closed origins and strays",
        .state(
          State(
            channel: 1, directions: [.pull, .push], knowledge: closing(), leavesOutClosed: true,
            ended: [
              Ending(
                origin: rabat, stamp: Stamp(counter: 300, token: id(0x12)), isRetirement: true)
            ], condition: condition(isPartial: false), progress: nil))
      ),
      (
        "state that leaves out groups of origins",
        .state(
          State(
            channel: 1, directions: [.pull, .push],
            knowledge: try knowledge(isPartial: true).leavingOut([
              .init(rawValue: 1 << 0xA), .init(rawValue: 1),
            ]),
            ended: [], condition: condition(isPartial: false), progress: nil,
            leftOut: [.init(rawValue: 1 << 0xA), .init(rawValue: 1)]))
      ),
      (
        "stamps",
        .stamps(
          Stamps(
            channel: 2,
            runs: [
              StampRun(
                origin: amina, after: nil,
                stamps: [
                  Stamp(counter: 1, token: id(0x11)), Stamp(counter: 300, token: id(0x12)),
                ]),
              StampRun(
                origin: casablanca, after: Stamp(counter: 128, token: id(0x14)),
                stamps: [Stamp(counter: Dot.counterMax, token: id(0x13))]),
            ]))
      ),
    ]
  }

  private static func streaming() throws -> [(name: String, message: Message)] {
    let encoded = RecordEncoder.encode(try oneWrite()).bytes
    return [
      (
        "begin",
        .begin(Begin(channel: 1, token: id(0x77), resumed: true, recordsEstimate: 27_132))
      ),
      (
        "records",
        .records(
          Records(
            channel: 1,
            entries: [
              RecordEntry(clockIndex: 0, id: try RecordID("future-hub"), record: encoded),
              RecordEntry(
                clockIndex: 1, id: try RecordID("مركز"),
                record: RecordEncoder.encode(try concurrent()).bytes),
            ]))
      ),
      ("part", .part(Part(channel: 1, remaining: 16_777_216, bytes: [1, 2, 3]))),
      (
        "done",
        .done(
          Done(
            channel: 1, knowledge: try knowledge().vector, digest: try knowledge().digest,
            condition: condition(isPartial: false), recordsSent: 2))
      ),
    ]
  }

  private static func ending() throws -> [(name: String, message: Message)] {
    [
      (
        "result",
        .result(
          Result(
            channel: 1, applied: 1, deferred: 2, newConflicts: 3, refused: 128,
            refusals: [
              .init(id: try RecordID("a"), reason: .notOwn),
              .init(id: try RecordID("b"), reason: .reserved),
              .init(id: try RecordID("c"), reason: .contradiction),
            ],
            digest: try knowledge().digest, condition: condition(isPartial: false)))
      ),
      (
        "refused",
        .refused(Refused(channel: 1, code: .notAllowed, message: "no grant allows this"))
      ),
      ("fail", .fail(Fail(code: .clockAhead, message: "the device's clock runs ahead"))),
      (
        "fork",
        .fork(
          Fork(
            channel: 1, continues: true,
            lists: [
              StampList(origin: amina, stamps: []),
              StampList(
                origin: rabat,
                stamps: [
                  Stamp(counter: 1, token: id(0x11)), Stamp(counter: 300, token: id(0x12)),
                ]),
            ]))
      ),
      (
        "again",
        .again(
          Again(
            channel: 1, reason: .renewed,
            endings: [
              Ending(origin: amina, stamp: nil),
              Ending(origin: rabat, stamp: Stamp(counter: 1, token: id(0x11))),
            ]))
      ),
    ]
  }

  private static func verifying() throws -> [(name: String, message: Message)] {
    let (hub, centre) = (try RecordID("future-hub"), try RecordID("مركز"))
    return [
      (
        "compare",
        .compare(
          Compare(
            channel: 1, collection: try CollectionName("casablanca-settat"),
            digest: try knowledge().digest, condition: condition(isPartial: false)))
      ),
      (
        "ask for everything",
        .ask(Ask(channel: 1, ranges: [Ask.Range(RecordRange(), partRecords: 62_500)]))
      ),
      (
        "ask for two ranges",
        .ask(
          Ask(
            channel: 300,
            ranges: [
              Ask.Range(RecordRange(after: nil, through: hub), partRecords: 1),
              Ask.Range(RecordRange(after: hub, through: centre), partRecords: 16),
            ]))
      ),
      ("sums that show that the server is at work", .sums(Sums(channel: 1, items: []))),
      (
        "sums",
        .sums(
          Sums(
            channel: 1,
            items: [
              .part(
                .init(
                  last: hub, records: 300, isDamaged: false,
                  fingerprint: condition(isPartial: false).fingerprint)),
              .part(.init(last: centre, records: 1, isDamaged: true, fingerprint: .zero)), .end,
            ]))
      ),
      ("fetch", .fetch(Fetch(channel: 1, ids: [hub, centre]))),
      (
        "relay",
        .relay(
          Relay(
            replica: rabat, replicaName: "rabat", owner: try Identity(role: .office, name: "rabat"))
        )
      ),
      ("watch all", .watch(Watch())),
      ("watch", .watch(Watch(collections: [.office, try CollectionName("casablanca-settat")]))),
      ("changed", .changed(Changed(collections: [try CollectionName("casablanca-settat")]))),
      ("alive", .alive),
    ]
  }

  /// Stamped, stamped before the last write, and never stamped.
  /// - Parameter isPartial: also a stamp of which no write is known yet.
  static func knowledge(isPartial: Bool = false) throws -> Knowledge {
    var knowledge = Knowledge(
      vector: VersionVector([Dot(amina, 7), Dot(rabat, 300), Dot(casablanca, 1)]),
      newestStamps: [
        amina: Stamp(counter: 7, token: id(0x11)), rabat: Stamp(counter: 128, token: id(0x12)),
      ])
    if isPartial { knowledge.newestStamps[id(0xD0)] = Stamp(counter: 2, token: id(0x13)) }
    return knowledge
  }

  /// One origin retired in full, one that ended where it forked, and one retired of which only a part came.
  static func closing() -> Knowledge {
    Knowledge(
      vector: VersionVector(Dot(rabat, 2)),
      newestStamps: [rabat: Stamp(counter: 300, token: id(0x12))],
      closed: [
        Ending(origin: casablanca, stamp: Stamp(counter: 1, token: id(0x13))),
        Ending(origin: amina, stamp: Stamp(counter: 7, token: id(0x11)), isRetirement: true),
      ], strays: [rabat: sum(from: 64)])
  }

  private static func condition(isPartial: Bool) -> Condition {
    Condition(fingerprint: sum(from: 0), isPartial: isPartial)
  }

  private static func sum(from first: UInt8) -> Fingerprint {
    Fingerprint(bytes: (0..<32).map { first + $0 }) ?? .zero
  }

  private struct Missing: Error {}

  private static func some<T>(_ value: T?) throws -> T {
    guard let value else { throw Missing() }
    return value
  }
}
