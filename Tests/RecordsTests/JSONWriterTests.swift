import OfficeSyncRecords
import Testing

struct JSONWriterTests {
  @Test func everyScalarSurvives() throws {
    let text = String(
      String.UnicodeScalarView(
        (0...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap { Unicode.Scalar($0) }))
    let read = try JSONValue(parsing: JSONValue.string(text).encoded())
    guard case .string(let again) = read else {
      Issue.record("not a text")
      return
    }
    #expect(again.utf8.elementsEqual(text.utf8))
  }

  @Test func escapesNoMoreThanNeeded() {
    let text = "\u{0}\u{1F} \"\\/é\u{7F}\u{80}ع😀\u{2027}\u{2028}\u{2029}\u{202A}"
    #expect(
      JSONValue.string(text).encoded()
        == #""\u0000\u001f \"\\/é\u007f"# + "\u{80}ع😀\u{2027}" + #"\u2028\u2029"# + "\u{202A}\"")
  }

  @Test func encodeAppends() {
    var bytes = Array("x".utf8)
    JSONValue.array([.null, .boolean(false)]).encode(into: &bytes)
    #expect(bytes == Array("x[null,false]".utf8))
  }
}
