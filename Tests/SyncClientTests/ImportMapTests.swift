import OfficeSyncRecords
import Testing

@testable import syncclient

struct ImportMapTests {
  @Test func everythingCanBeSaid() throws {
    let map = try ImportMap(
      json: Array(
        #"""
        {"id": "code", "dates": ["%d/%m/%Y"], "decimal": ",", "grouping": " ",
         "columns": {"a": "title/fr",
                     "b": {"path": "x", "type": "decimal", "decimal": ".", "grouping": ","},
                     "c": {"path": "y", "split": "; ", "values": {"-": ""}, "dates": []},
                     "d": {"path": "y", "list": true}},
         "ignore": ["e"], "constants": {"currency": "MAD", "year": 2029, "open": true}}
        """#.utf8))
    #expect(map.id == "code")
    #expect(map.ignored == ["e"])
    #expect(map.columns.count == 4)
    let a = try #require(map.columns["a"])
    #expect(a.path == (try FieldPath("title/fr")) && a.type == nil && !a.isList)
    #expect(a.numbers == NumberFormat(decimal: ",", grouping: [" "]))
    #expect(a.dates == [try DatePattern("%d/%m/%Y")])
    #expect(map.columns["b"]?.numbers == NumberFormat(decimal: ".", grouping: [","]))
    #expect(map.columns["c"]?.separator == "; " && map.columns["c"]?.isList == true)
    #expect(map.columns["c"]?.values == ["-": ""] && map.columns["c"]?.dates == [])
    #expect(map.columns["d"]?.isList == true && map.columns["d"]?.separator == nil)
    #expect(map.constants.map(\.path.description) == ["currency", "year", "open"])
  }

  @Test(arguments: [
    ("[]", "", "it must be an object"),
    ("{", "", "the map is not JSON"),
    (#"{"colums": {}}"#, "colums", "unknown"),
    (#"{"id": 1}"#, "id", "a text"),
    (#"{"ignore": [1]}"#, "ignore", "a list of texts"),
    (#"{"dates": ["%d/%m"]}"#, "dates", "must stand in it"),
    (#"{"dates": ["%d/%m/%y"]}"#, "dates", "not %y"),
    (#"{"decimal": ";"}"#, "decimal", ". or ,"),
    (#"{"grouping": "."}"#, "grouping", "decimal sign"),
    (#"{"grouping": "-"}"#, "grouping", "minus"),
    (#"{"columns": {"a": {"path": "x", "kind": "date"}}}"#, "columns/a/kind", "unknown"),
    (#"{"columns": {"a": {"path": "x", "type": "money"}}}"#, "columns/a/type", "one of boolean"),
    (#"{"columns": {"a": {"type": "date"}}}"#, "columns/a", "\"path\""),
    (#"{"columns": {"a": 1}}"#, "columns/a", "an object"),
    (#"{"columns": {"a": "x//y"}}"#, "columns/a", "is no path"),
    (#"{"columns": {"a": {"path": "$deleted"}}}"#, "columns/a/path", "reserved"),
    (#"{"columns": {"a": {"path": "x", "split": ""}}}"#, "columns/a/split", "empty"),
    (#"{"columns": {"a": {"path": "x", "list": 1}}}"#, "columns/a/list", "true or false"),
    (#"{"columns": {"a": {"path": "x", "values": {"Y": true}}}}"#, "columns/a/values/Y", "a text"),
    (#"{"columns": {"a": "x"}, "ignore": ["a"]}"#, "columns/a", "also under"),
    (#"{"constants": {"x": null}}"#, "constants/x", "a text, a number"),
    (#"{"constants": {"x/": 1}}"#, "constants/x/", "is no path"),
  ])
  func mistakesAreNamed(map: String, place: String, reason: String) {
    do {
      _ = try ImportMap(json: Array(map.utf8))
      Issue.record("taken: \(map)")
    } catch {
      #expect(error.place == place)
      #expect(error.reason.contains(reason), "\(error)")
    }
  }
}

struct DatePatternTests {
  @Test(arguments: [
    ("%Y-%m-%d", "2030-06-28", "2030-06-28T00:00:00.000Z"),
    ("%Y-%m-%dT%H:%M:%SZ", "2024-07-30T00:00:00Z", "2024-07-30T00:00:00.000Z"),
    ("%m/%d/%Y %I:%M:%S %p", "1/31/2026 12:00:00 AM", "2026-01-31T00:00:00.000Z"),
    ("%m/%d/%Y %I:%M:%S %p", "12/1/2026 12:30:09 pm", "2026-12-01T12:30:09.000Z"),
    ("%d.%m.%Y", "1.2.2024", "2024-02-01T00:00:00.000Z"),
    ("%Y%m%d", "20240229", "2024-02-29T00:00:00.000Z"),
    ("%d/%m/%Y à %Hh%M (100%%)", "05/03/2024 à 7h05 (100%)", "2024-03-05T07:05:00.000Z"),
    ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00.000Z"),
    ("%Y-%m-%d %H:%M %z", "2024-01-01 23:30 -0130", "2024-01-02T01:00:00.000Z"),
    ("%Y-%m-%d%z", "2024-01-01Z", "2024-01-01T00:00:00.000Z"),
  ])
  func reads(pattern: String, text: String, moment: String) throws {
    #expect(try DatePattern(pattern).moment(in: text)?.timestamp?.description == moment)
  }

  @Test(arguments: [
    ("%Y-%m-%d", "2024-02-30"), ("%Y-%m-%d", "24-02-03"), ("%Y-%m-%d", "2024-02-03 "),
    ("%Y-%m-%d", " 2024-02-03"), ("%Y-%m-%d", ""), ("%Y-%m-%d", "2024-0x-03"),
    ("%Y-%m-%d", "2024-002-03"), ("%Y%m%d", "2024111"), ("%Y-%m-%d %H", "2024-01-01 24"),
    ("%Y-%m-%d %H:%M", "2024-01-01 00:60"), ("%Y-%m-%d %I%p", "2024-01-01 0AM"),
    ("%Y-%m-%d %I%p", "2024-01-01 13PM"), ("%Y-%m-%d %I%p", "2024-01-01 1M"),
    ("%Y-%m-%d%z", "2024-01-01+24:00"), ("%Y-%m-%d%z", "2024-01-01"), ("%Y-%m-%d", "２０２４-01-01"),
  ])
  func refuses(pattern: String, text: String) throws {
    #expect(try DatePattern(pattern).moment(in: text) == nil)
  }

  @Test(arguments: [
    "", "%Y-%m", "%Y-%m-%d %", "%Y-%m-%d %Y", "%Y-%m-%d %I", "%Y-%m-%d %p", "%Y-%b-%d",
  ])
  func wrongPatternsAreRefused(pattern: String) {
    #expect(throws: DatePattern.Fault.self) { try DatePattern(pattern) }
  }

  @Test func momentsBeyondTheCalendarAreNone() throws {
    let moment = try DatePattern("%Y-%m-%d%z").moment(in: "0001-01-01+01:00")
    #expect(moment != nil && moment?.timestamp == nil)
  }
}

struct NumberFormatTests {
  private let french = NumberFormat(decimal: ",", grouping: [" ", "\u{A0}", "\u{202F}", "."])

  @Test(arguments: [
    ("1", "1"), ("-1 234 567,50", "-1234567.50"), ("1\u{202F}234", "1234"), ("1.000,0", "1000.0"),
    ("1234567,5", "1234567.5"), ("0,00", "0.00"),
  ])
  func reads(text: String, number: String) {
    #expect(french.jsonNumber(text) == number)
  }

  @Test(arguments: [
    "", "-", ",5", "1,", "1,2,3", "1 23", "1234 567", " 1", "1 ", "1  234", "1,234 567", "1e5",
  ])
  func refuses(text: String) {
    #expect(french.jsonNumber(text) == nil)
  }
}
