import Foundation
import OfficeSyncRecords
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct AuditLogTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func log(fileBytes: Int = 1 << 20) -> AuditLog {
    AuditLog(folder: folder("audit"), fileBytesMax: fileBytes)
  }

  private func entry(_ number: Int, at milliseconds: UInt64 = 1_000, _ text: String = "x")
    -> AuditEntry
  {
    AuditEntry(
      .act, at: milliseconds,
      [JSONMember("number", .number("\(number)")), JSONMember("text", .string(text))])
  }

  /// The numbers of the entries, and how many lines are none.
  private func numbers(_ log: AuditLog, since: Int64 = .min) throws -> ([Int], damaged: Int) {
    var found: [Int] = []
    let damaged = try AuditReader(log).forEach(since: since) { line in
      guard case .object(let members) = line.value,
        case .number(let digits)? = members.first(where: { $0.name == "number" })?.value
      else { return }
      found.append(Int(digits) ?? -1)
    }
    return (found, damaged)
  }

  // MARK: Lines

  @Test func anEntryIsALine() {
    let entry = AuditEntry(
      .connected, at: 1_764_000_000_000, [JSONMember("identity", .string("field/amina"))])
    #expect(
      String(decoding: entry.line, as: UTF8.self)
        == #"{"at":"2025-11-24T16:00:00.000Z","event":"connected","identity":"field/amina"}"# + "\n"
    )
  }

  private static let hostile = [
    "x\n{\"at\":\"2026-01-01T00:00:00Z\",\"event\":\"act\"}", "\r\u{1B}[2J\u{9B}31m\u{85}",
    "\u{202E}txt", "\u{2028}\u{2029}\u{7F}\u{0}", "أمينة 👩‍🌾", "\"\\", "\u{1F600}\n",
  ]

  /// Nothing that somebody chose can end a line, begin one, move a cursor, or turn the text around.
  @Test(arguments: hostile.indices, [1, 200_000])
  func outsideTextForgesNothing(_ index: Int, times: Int) throws {
    let text = String(repeating: Self.hostile[index], count: times)
    let entry = AuditEntry(
      .refused, at: 1_000,
      [
        JSONMember("reason", .string(text)),
        JSONMember(text, .array(Array(repeating: .string(text), count: 100))),
      ])
    let line = entry.line
    #expect(line.last == UInt8(ascii: "\n"))
    let isPlain = line.dropLast().allSatisfy { 0x20...0x7E ~= $0 }
    #expect(isPlain)
    // Each of so many cut texts six bytes for one, at most.
    #expect(line.count < AuditReader.lineBytesMax)
    try log().append([entry], isDurable: false)
    var reasons: [String] = []
    let damaged = try AuditReader(log()).forEach(since: .min) {
      reasons.append($0.text("reason") ?? "")
    }
    #expect(damaged == 0)
    let reason = try #require(reasons.first)
    #expect(reasons.count == 1)
    if text.utf8.count <= AuditEntry.textBytesMax {
      #expect(reason.utf8.elementsEqual(text.utf8))
    } else {
      let isCut = reason.hasSuffix("…") && text.utf8.starts(with: reason.utf8.dropLast(3))
      #expect(isCut)
    }
  }

  // MARK: Files

  @Test func itIsItsOwnersAlone() throws {
    try log().append([entry(1)], isDurable: true)
    #expect(mode(of: folder("audit")) == 0o700)
    #expect(mode(of: folder("audit/audit.ndjson")) == 0o600)
  }

  @Test func tenFilesAreKept() throws {
    let log = log(fileBytes: 300)
    for number in 0..<200 { try log.append([entry(number)], isDurable: false) }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("audit"))
    // The last one may just have been put aside.
    #expect([9, 10].contains(names.count { $0.hasSuffix(".ndjson") }))
    let (found, damaged) = try numbers(log)
    #expect(damaged == 0)
    // The newest, without a gap, in order.
    let lineBytes = entry(199).line.count
    #expect(found == Array((200 - found.count)..<200))
    #expect((9 * 300...10 * (300 + lineBytes)).contains(found.count * lineBytes))
    for name in names { #expect(mode(of: folder("audit/\(name)")) == 0o600) }
  }

  @Test func manyWritersWriteWholeLines() async throws {
    let text = String(repeating: "é", count: 60)
    // Of 1,600 lines none is too old to be kept.
    let log = log(fileBytes: 1_600 * 500 / 8)
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<200 {
            do { try log.append([entry(writer * 200 + number, text)], isDurable: false) } catch {
              Issue.record(error)
            }
          }
        }
      }
    }
    let (found, damaged) = try numbers(log)
    #expect(damaged == 0)
    #expect(found.sorted() == Array(0..<1_600))
  }

  @Test func aLineThatWasCutOffTakesNoOtherWithIt() throws {
    try log().append([entry(1)], isDurable: false)
    let file = try FileHandle(forUpdating: URL(filePath: folder("audit/audit.ndjson")))
    try file.seekToEnd()
    try file.write(contentsOf: Data(#"{"at":"2026-01-01T00:00:00.000Z","ev"#.utf8))
    try file.close()
    try log().append([entry(2)], isDurable: false)
    #expect(try numbers(log()) == ([1, 2], 1))
  }

  @Test func whatIsNoLogIsToldAndSurvived() throws {
    try log().append([entry(1)], isDurable: false)
    let file = try FileHandle(forUpdating: URL(filePath: folder("audit/audit.ndjson")))
    try file.seekToEnd()
    try file.write(contentsOf: Data("\n\n[]\n\u{0}\n{\"at\":5,\"event\":\"act\"}\n".utf8))
    try file.write(contentsOf: Data(count: AuditReader.lineBytesMax * 3))
    try file.write(contentsOf: Data([0xFF, 0x0A]))
    try file.close()
    try log().append([entry(2)], isDurable: false)
    #expect(try numbers(log()) == ([1, 2], 4))
  }

  @Test func sinceLeavesOutWhatWasBefore() throws {
    for number in 1...5 {
      try log().append([entry(number, at: UInt64(number) * 1_000)], isDurable: false)
    }
    #expect(try numbers(log(), since: 3_000).0 == [3, 4, 5])
    #expect(try numbers(log(), since: 5_001).0 == [])
    #expect(try numbers(AuditLog(folder: folder("none"), fileBytesMax: 1)).0 == [])
  }

  @Test func aFileInItsPlaceIsAnError() throws {
    try Data().write(to: URL(filePath: folder("audit")))
    let error = #expect(throws: CommandError.self) {
      try log().append([entry(1)], isDurable: false)
    }
    #expect(error?.status == .storage)
    #expect(throws: CommandError.self) { try log().check() }
  }

  /// A link would have somebody else's file written to.
  @Test func aLinkIsNotFollowed() throws {
    try SecureFile.createFolder(folder("audit"))
    try FileManager.default.createSymbolicLink(
      atPath: folder("audit/audit.ndjson"), withDestinationPath: folder("elsewhere"))
    #expect(throws: CommandError.self) { try log().append([entry(1)], isDurable: false) }
    #expect(throws: CommandError.self) { try log().check() }
    #expect(!FileManager.default.fileExists(atPath: folder("elsewhere")))
  }

  @Test func checkingMakesNothing() throws {
    try log().check()
    #expect(!FileManager.default.fileExists(atPath: folder("audit")))
    try log().append([entry(1)], isDurable: false)
    try log().check()
    #expect(try numbers(log()) == ([1], 0))
  }

  // MARK: Acts

  private func events(_ log: AuditLog) throws -> [String] {
    var found: [String] = []
    _ = try AuditReader(log).forEach(since: .min) {
      found.append("\($0.text("event") ?? "") \($0.text("act") ?? "")")
    }
    return found
  }

  @Test func whatIsDoneIsWrittenDownBefore() throws {
    let act = AuditAct("access grant", by: "Hassan", [JSONMember("identity", .string("field/a"))])
    let before = try log().recording(act, at: 1_000) { try events(log()) }
    #expect(before == ["act access grant"])
    #expect(try events(log()) == ["act access grant"])
    var line: AuditReader.Line?
    _ = try AuditReader(log()).forEach(since: .min) { line = $0 }
    #expect(line?.text("by") == "Hassan" && line?.text("identity") == "field/a")
    #expect(line?.text("user")?.isEmpty == false)
  }

  @Test func whatFailsIsWrittenDownToo() throws {
    let failure = CommandError(.badData, "bad-thing", "It is bad.", remedy: "Make it good.")
    #expect(throws: failure) {
      try log().recording(AuditAct("retire"), at: 1_000) { throw failure }
    }
    #expect(try events(log()) == ["act retire", "act-failed retire"])
  }

  @Test func whatCannotBeWrittenDownIsNotDone() throws {
    try Data().write(to: URL(filePath: folder("audit")))
    let error = #expect(throws: CommandError.self) {
      try log().recording(AuditAct("retire"), at: 1_000) { Issue.record("it was done") }
    }
    #expect(error?.name == "not-recorded" && error?.status == .storage)
  }
}
