import OfficeSyncTestSupport
import Testing

@testable import syncclient

struct CSVFuzzTests {
  @Test func everySplitGivesTheSameRows() {
    let text =
      "\u{FEFF}id;\"n;\"\"\né\"\r\n1;\"a\r\n\"\"b\"\r\n\n2;عربي\n3;x\"\n4\n5;\"\"\r\n6;\"open\n"
    let bytes = Array(text.utf8)
    let whole = CSVReading(bytes)
    #expect(whole.rows.count == 3)
    #expect(whole.problems.count == 3)
    for first in 0...bytes.count {
      #expect(CSVReading(bytes, splitAt: [first]) == whole)
      #expect(CSVReading(bytes, splitAt: [first / 2, first]) == whole)
    }
    #expect(CSVReading(bytes, splitAt: Array(0..<bytes.count)) == whole)
  }

  @Test func limitDoesNotDependOnChunks() {
    let bytes = Array("id,n\n1,\"aaaa\n\"\n2,\"bbbbbbbb\n\"\n3,c".utf8)
    for limit in 0...20 {
      let whole = CSVReading(bytes, rowBytesMax: limit)
      #expect(CSVReading(bytes, splitAt: Array(0..<bytes.count), rowBytesMax: limit) == whole)
      #expect(CSVReading(bytes, splitAt: [7, 20], rowBytesMax: limit) == whole)
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func whatIsWrittenReadsBackTheSame(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let table = Self.table(&random)
    let bytes = Self.written(table, &random)
    let reading = CSVReading(bytes, splitAt: Self.splits(bytes.count, &random))
    #expect(reading.problems.isEmpty)
    #expect(reading.header == table[0])
    #expect(reading.rows.map(\.cells) == Array(table[1...]))
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func damageNeverTraps(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = Self.written(Self.table(&random), &random)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      let odd: [UInt8] = [0x22, 0x0A, 0x0D, 0x2C, 0x3B, 0x00, 0xFF, 0xC3]
      if Bool.random(using: &random) {
        bytes.insert(odd.randomElement(using: &random) ?? 0, at: place)
      } else {
        bytes.removeSubrange(place..<min(bytes.count, place + 3))
      }
    }
    Self.expectSound(bytes, &random)
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func noiseNeverTraps(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("ab,;\t\"\"\"\n\n\r\0é".utf8) + [0xFF]
    for _ in 0..<20 {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      Self.expectSound(bytes, &random)
    }
  }

  /// The same outcome however the bytes are cut, and lines that exist.
  private static func expectSound(_ bytes: [UInt8], _ random: inout SplitMix64) {
    for encoding in TextEncoding.allCases {
      let whole = CSVReading(bytes, encoding: encoding)
      let cut = CSVReading(bytes, splitAt: splits(bytes.count, &random), encoding: encoding)
      #expect(whole == cut)
      let lines = 1...(1 + bytes.count { $0 == 0x0A })
      #expect(whole.problems.allSatisfy { lines.contains($0.line) })
      #expect(whole.rows.allSatisfy { $0.cells.count == whole.header?.count })
    }
  }

  private static func table(_ random: inout SplitMix64) -> [[String]] {
    let columns = Int.random(in: 2...6, using: &random)
    let alphabet = Array("ab ,;\t\"'\r\n0é€ع😀")
    let names = (0..<columns).map { "c\($0)\(alphabet.randomElement(using: &random) ?? "x")" }
    return [names]
      + (0..<Int.random(in: 0...12, using: &random)).map { _ in
        (0..<columns).map { _ in
          String(
            (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in
              alphabet.randomElement(using: &random)
            })
        }
      }
  }

  private static func written(_ table: [[String]], _ random: inout SplitMix64) -> [UInt8] {
    let separator = [",", ";", "\t"].randomElement(using: &random) ?? ","
    let ending = Bool.random(using: &random) ? "\r\n" : "\n"
    let lines = table.map { row in
      row.map { cell in
        let mustQuote = cell.utf8.contains { [0x22, 0x2C, 0x3B, 0x09, 0x0A, 0x0D].contains($0) }
        guard mustQuote || Bool.random(using: &random) else { return cell }
        let doubled = cell.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(doubled.joined(separator: "\"\""))\""
      }
      .joined(separator: separator)
    }
    return Array(lines.joined(separator: ending).utf8)
      + (Bool.random(using: &random) ? Array(ending.utf8) : [])
  }

  private static func splits(_ count: Int, _ random: inout SplitMix64) -> [Int] {
    (0..<Int.random(in: 0...8, using: &random)).map { _ in Int.random(in: 0...count, using: &random)
    }
    .sorted()
  }
}
