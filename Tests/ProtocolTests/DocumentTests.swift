import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// `docs/PROTOCOL.md` and the code name the same messages, codes and limits.
@Suite struct DocumentTests {
  @Test func messageTable() throws {
    let rows = try ProtocolDocument().messages
    #expect(rows.map { $0.name.lowercased() } == Message.Kind.allCases.map { "\($0)" })
    #expect(rows.map(\.type) == Message.Kind.allCases.map(\.rawValue))
    let directions: Set = [
      "client → server", "server → client", "both", "sender → receiver", "receiver → sender",
    ]
    #expect(rows.allSatisfy { directions.contains($0.direction) })
  }

  @Test func failureCodes() throws {
    let codes = try ProtocolDocument().failureCodes
    let known = FailureCode.allCases.filter { $0 != .unknown }
    #expect(codes == Dictionary(uniqueKeysWithValues: known.map { ($0.rawValue, "\($0)") }))
  }

  @Test func limits() throws {
    let expected: [String: UInt64] = [
      "frameBytesMax": UInt64(Limits.frameBytesMax),
      "helloFrameBytesMax": UInt64(Limits.helloFrameBytesMax),
      "recordsFrameBytesGoal": UInt64(Limits.recordsFrameBytesGoal),
      "compressedContentBytesMax": UInt64(Limits.compressedContentBytesMax),
      "compressionWindowBytesMax": 1 << Limits.compressionWindowLogMax,
      "vectorEntriesMax": UInt64(Limits.vectorEntriesMax),
      "stampsPerFrameMax": UInt64(Limits.stampsPerFrameMax),
      "forkStampsMax": UInt64(Limits.forkStampsMax),
      "formerReplicasMax": UInt64(Limits.formerReplicasMax),
      "softwareBytesMax": UInt64(Limits.softwareBytesMax),
      "replicaNameBytesMax": UInt64(Limits.replicaNameBytesMax),
      "errorTextBytesMax": UInt64(Limits.errorTextBytesMax),
      "collectionsMax": UInt64(Limits.collectionsMax),
      "channelsMax": UInt64(Limits.channelsMax),
      "deviceChannelsMax": UInt64(Limits.deviceChannelsMax),
      "refusalsPerResultMax": UInt64(Limits.refusalsPerResultMax),
      "extensionsMax": UInt64(Limits.extensionsMax),
      "rangesPerAskMax": UInt64(Limits.rangesPerAskMax),
      "itemsPerSumsMax": UInt64(Limits.itemsPerSumsMax),
      "idsPerFetchMax": UInt64(Limits.idsPerFetchMax),
      "clockAheadMsMax": Limits.clockAheadMsMax,
      "helloSecondsMax": UInt64(Limits.helloSecondsMax),
      "idleSecondsMax": UInt64(Limits.idleSecondsMax),
      "aliveSecondsMax": UInt64(Limits.aliveSecondsMax),
      "enrolmentFrameBytesMax": UInt64(Limits.enrolmentFrameBytesMax),
      "enrolmentSecondsMax": UInt64(Limits.enrolmentSecondsMax),
      "enrolmentCertificatesMax": UInt64(Limits.enrolmentCertificatesMax),
      "enrolmentAccessMax": UInt64(Limits.enrolmentAccessMax),
      "enrolmentPINBytesMax": UInt64(Limits.enrolmentPINBytesMax),
      "valueBytesMax": UInt64(WriteLimits.valueBytesMax),
      "pathsMax": UInt64(WriteLimits.pathsMax),
      "textBytesMax": UInt64(WriteLimits.textBytesMax),
      "recordBytesSoftMax": UInt64(WriteLimits.recordBytesSoftMax),
      "recordPathsSoftMax": UInt64(WriteLimits.recordPathsSoftMax),
      "recordBytesMax": UInt64(WriteLimits.recordBytesMax),
    ]
    #expect(try ProtocolDocument().limits == expected)
  }

  @Test func exampleRecordIsCanonical() throws {
    let blocks = try ProtocolDocument().hexBlocks(of: "## 7.")
    #expect(blocks.count == 1)
    for block in blocks {
      let (record, encoded) = try RecordDecoder.decode(block.bytes)
      #expect(RecordEncoder.encode(record) == encoded)
      #expect(record.fields.map(\.path.description) == ["jobsTarget"])
    }
  }
}
