import Logging
import OfficeSyncCommandSupport
import OfficeSyncRecords
import Synchronization
import Testing

@testable import syncserver

@Suite struct LineLogHandlerTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private func lines(
    _ form: LineLogHandler.Form, level: Logger.Level = .info, _ body: (Logger) -> Void
  ) -> [String] {
    let lines = Lines()
    body(
      Logger(label: "test") { _ in
        LineLogHandler(
          form, level: level, now: { 1_764_000_000_000 },
          sink: { line in lines.all.withLock { $0.append(line) } })
      })
    return lines.all.withLock { $0 }
  }

  @Test func textHasTimeLevelMessageAndSortedPairs() {
    let lines = lines(.text(.utf8)) { logger in
      logger.notice(
        "connection refused",
        metadata: ["reason": "no certificate", "address": "[::1]:7443", "none": ""])
    }
    #expect(
      lines == [
        #"2025-11-24T16:00:00.000Z notice connection refused address=[::1]:7443 none="" "#
          + #"reason="no certificate""#
      ])
  }

  @Test func jsonKeepsNumbersAndLists() throws {
    let lines = lines(.json) { logger in
      logger.info(
        "session",
        metadata: [
          "sent": .stringConvertible(UInt64(3)), "collections": ["a", "b"],
          "identity": "field/amina",
        ])
    }
    #expect(
      lines == [
        #"{"at":"2025-11-24T16:00:00.000Z","level":"info","message":"session","#
          + #""collections":["a","b"],"identity":"field/amina","sent":3}"#
      ])
  }

  @Test(arguments: [
    ("a\nb", #"x=a\nb"#), ("\u{1B}[2J", #"x=\u{1B}[2J"#), ("\u{202E}abc", #"x=\u{202E}abc"#),
    ("say \"hi\"", #"x="say \"hi\"""#), ("a=b", #"x="a=b""#), ("é", "x=é"),
  ])
  func outsideTextCannotBreakALine(_ text: String, _ shown: String) {
    let lines = lines(.text(.utf8)) { $0.info("m", metadata: ["x": "\(text)"]) }
    #expect(lines == ["2025-11-24T16:00:00.000Z info m \(shown)"])
  }

  @Test func messagesAndKeysAreEscapedToo() {
    let lines = lines(.text(.ascii)) { $0.info("é\n", metadata: ["k\n": "é"]) }
    #expect(lines == [#"2025-11-24T16:00:00.000Z info \u{E9}\n k\n=\u{E9}"#])
  }

  @Test func whatIsBelowTheLevelIsLeftOut() {
    let lines = lines(.text(.utf8), level: .warning) { logger in
      logger.info("little")
      logger.error("much")
    }
    #expect(lines == ["2025-11-24T16:00:00.000Z error much"])
  }

  @Test func theLoggersOwnMetadataStands() {
    let lines = lines(.text(.utf8)) { logger in
      var logger = logger
      logger[metadataKey: "a"] = "1"
      logger.info("m", metadata: ["b": "2"])
    }
    #expect(lines == ["2025-11-24T16:00:00.000Z info m a=1 b=2"])
  }
}
