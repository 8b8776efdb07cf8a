import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@testable import syncclient

struct NDJSONReaderTests {
  private struct Reading: Equatable {
    var rows: [ImportDraft] = []
    var problems: [ImportProblem] = []

    init(_ text: String, id: String = "id", splitAt: [Int] = [], max: Int = 1000) {
      let bytes = Array(text.utf8)
      var reader = NDJSONReader(idMember: id, lineBytesMax: max)
      var start = 0
      for end in splitAt + [bytes.count] {
        reader.append(bytes[start..<end])
        start = end
        take(from: &reader)
      }
      reader.finish()
      take(from: &reader)
    }

    private mutating func take(from reader: inout NDJSONReader) {
      while let outcome = reader.next() {
        switch outcome {
        case .row(let row): rows.append(row)
        case .problem(let problem): problems.append(problem)
        }
      }
    }
  }

  @Test func objectsBecomeRows() throws {
    let reading = Reading("{\"id\":\"a\",\"n\":1.50}\r\n\n  \n{\"n\":{\"x\":null},\"id\":7}")
    #expect(reading.problems.isEmpty)
    #expect(
      reading.rows == [
        ImportDraft(
          line: 1, id: try RecordID("a"),
          edits: [.set(try FieldPath("n"), .json(.number("1.50")))]),
        ImportDraft(
          line: 4, id: try RecordID("7"),
          edits: [.set(try FieldPath("n/x"), .json(.null))]),
      ])
  }

  @Test func idMemberCanBeNamed() throws {
    let reading = Reading(#"{"id":"kept","code":"a"}"#, id: "code")
    #expect(reading.rows.map(\.id) == [try RecordID("a")])
    #expect(reading.rows.first?.edits == [.set(try FieldPath("id"), .json(.string("kept")))])
  }

  @Test func exportedLinesGiveTheirFields() throws {
    let line = #"{"collection":"c","id":"a","deleted":true,"fields":{"n":1},"clock":{}}"#
    let row = try #require(Reading(line, id: "code").rows.first)
    #expect(row.id == (try RecordID("a")) && row.isDeleted)
    #expect(row.edits == [.set(try FieldPath("n"), .json(.number("1")))])
    let bad = Reading(#"{"collection":"c","id":"a","fields":[],"clock":{}}"#)
    #expect(bad.problems.map(\.reason) == [.fieldsNotAnObject])
  }

  @Test(arguments: [
    ("[1]", ImportProblem.Reason.notAnObject, nil as String?),
    ("{\"id\":", .json(.unexpectedEnd, column: 7), nil),
    ("{\"a\":1}", .noID, "id"), ("{\"id\":1.5}", .idNotText, "id"),
    ("{\"id\":null}", .idNotText, "id"),
    ("{\"id\":\"\"}", .badID(.empty), "id"), ("{\"id\":\"$x\"}", .badID(.reserved), "id"),
    ("{\"id\":\"a\",\"id\":\"b\"}", .json(.duplicateName, column: 11), nil),
  ])
  func problemOfOneLineLeavesTheNext(line: String, reason: ImportProblem.Reason, field: String?) {
    let reading = Reading("{\"id\":\"first\"}\n\(line)\n{\"id\":\"next\"}\n")
    #expect(reading.rows.map(\.line) == [1, 3])
    #expect(reading.problems == [ImportProblem(line: 2, field: field, reason: reason)])
  }

  @Test func fieldsThatAreNoPathsAreNamed() {
    let reading = Reading(#"{"id":"a","x":{"$y":1}}"#)
    #expect(
      reading.problems.map(\.description) == [
        "line 1: x/$y: names that begin with $ are reserved"
      ])
  }

  @Test func oversizeLineIsFinal() {
    let text = "{\"id\":\"a\"}\n{\"id\":\"aaaaaaaaaaaaaaaaaaaa\"}\n{\"id\":\"b\"}"
    let reading = Reading(text, max: 20)
    #expect(reading.rows.count == 1)
    #expect(
      reading.problems == [ImportProblem(line: 2, field: nil, reason: .rowTooLarge(bytesMax: 20))])
  }

  @Test func everySplitGivesTheSameRows() {
    let text = "\u{FEFF}{\"id\":\"é\"}\r\n\n{oops\n{\"id\":\"b\",\"t\":\"ع\\n\"}\n{\"id\":\"last\"}"
    let whole = Reading(text)
    #expect(whole.rows.count == 3 && whole.problems.count == 1)
    for limit in [1000, 25, 14, 10] {
      let whole = Reading(text, max: limit)
      for split in 0...text.utf8.count {
        #expect(Reading(text, splitAt: [split / 3, split], max: limit) == whole)
      }
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func damageNeverTraps(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let odd: [Character] = ["\n", "\"", "{", "}", "\\", ":", ",", "\r\n", "é"]
    for _ in 0..<20 {
      var text = "{\"id\":\"é\"}\n{\"id\":1,\"t\":\"a\\n\"}\r\n{\"id\":\"z\",\"o\":{}}"
      for _ in 0..<3 {
        let offset = Int.random(in: 0..<text.count, using: &random)
        let place = text.index(text.startIndex, offsetBy: offset)
        if Bool.random(using: &random) {
          text.remove(at: place)
        } else {
          text.insert(odd.randomElement(using: &random) ?? "x", at: place)
        }
      }
      let whole = Reading(text)
      #expect(Reading(text, splitAt: Array(0..<text.utf8.count)) == whole)
      let lines = 1...(1 + text.utf8.count { $0 == UInt8(ascii: "\n") })
      #expect((whole.rows.map(\.line) + whole.problems.map(\.line)).allSatisfy(lines.contains))
    }
  }

  @Test func repeatedIDsNameTheFirstLine() throws {
    var ids = RepeatedIDs()
    #expect(ids.insert(try RecordID("a"), line: 2, field: "id") == nil)
    #expect(ids.insert(try RecordID("b"), line: 3, field: "id") == nil)
    // The decomposed form is the same ID: IDs are brought to NFC.
    #expect(ids.insert(try RecordID("\u{E9}"), line: 4, field: "id") == nil)
    #expect(
      ids.insert(try RecordID("e\u{301}"), line: 9, field: "id")
        == ImportProblem(line: 9, field: "id", reason: .repeatedID(firstLine: 4)))
  }
}
