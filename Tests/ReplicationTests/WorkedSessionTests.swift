import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncTestSupport
import Testing

/// The session in `docs/PROTOCOL.md`, section 15, is what the real state machines and the real encoder say, byte for byte.
@Suite struct WorkedSessionTests {
  private static let wall: UInt64 = 1_795_512_600_000  // 2026-11-24T09:30:00Z

  private static func id(_ byte: UInt64) -> ReplicaID {
    let half = byte * 0x0101_0101_0101_0101
    return ReplicaID(high: half, low: half)
  }

  private static func store(_ replica: ReplicaID, token: UInt64) throws -> ScriptedStore {
    ScriptedStore(
      replica: replica, collection: try CollectionName("casablanca-settat"),
      id: try RecordID("future-hub"), token: id(token))
  }

  /// A field device pulls one record, edits one field, and pushes: two sessions.
  static func transcripts() throws -> [[SessionScript.Line]] {
    let office = LocalInfo(
      identity: try Identity("office/casablanca"), replica: id(0xC0), replicaName: "casablanca",
      software: "syncserver 0.1")
    let device = LocalInfo(
      identity: try Identity("field/amina"), replica: id(0xA0), replicaName: "amina",
      software: "example 0.1")
    var officeStore = try store(office.replica, token: 0x22)
    try officeStore.write(
      [
        (try FieldPath("jobsTarget"), .value(.integer(500))),
        (try FieldPath("status"), .value(.text("announced"))),
        (try FieldPath("title"), .value(.text("Future Hub"))),
      ],
      by: WriteInfo(time: HybridTime(milliseconds: wall), author: office.identity), stamp: id(0x11))

    var pull = SessionScript(
      client: (device, try store(device.replica, token: 0x33)), server: (office, officeStore),
      directions: .pull, opensFirst: false, wallMilliseconds: wall + 1_000)
    try pull.run()
    #expect(pull.clientClosed)
    #expect(pull.outcomes.allSatisfy { $0.error == nil })

    var edited = pull.clientStore
    try edited.write(
      [(try FieldPath("status"), .value(.text("signed")))],
      by: WriteInfo(time: HybridTime(milliseconds: wall + 60_000), author: device.identity),
      stamp: id(0x44))
    var push = SessionScript(
      client: (device, edited), server: (office, pull.serverStore), directions: .push,
      opensFirst: true, wallMilliseconds: wall + 61_000)
    try push.run()
    #expect(push.clientClosed)
    #expect(push.outcomes.allSatisfy { $0.error == nil && $0.inSync == true })
    #expect(push.serverStore.record == push.clientStore.record)
    return [pull.transcript, push.transcript]
  }

  @Test func documentHasTheBytesThatAreSent() throws {
    let lines = try Self.transcripts().flatMap { $0 }
    let frames = try ProtocolDocument().frames
    #expect(frames.map(\.from) == lines.map(\.from.rawValue))
    #expect(frames.map(\.name) == lines.map { "\($0.message.kind)" })
    for (frame, line) in zip(frames, lines) {
      #expect(
        frame.bytes == line.message.frame.encoded,
        "\(line.from) \(line.message.kind): \(Hex.text(of: line.message.frame.encoded))")
    }
  }

  @Test func documentDecodesToWhatIsMeant() throws {
    let lines = try Self.transcripts().flatMap { $0 }
    for (frame, line) in zip(try ProtocolDocument().frames, lines) {
      var decoder = FrameDecoder(frameBytesMax: Limits.frameBytesMax)
      decoder.append(frame.bytes)
      let message = try decoder.next().map { try Message($0) }
      #expect(message == line.message)
      #expect(!decoder.holdsPartialFrame)
    }
  }
}
