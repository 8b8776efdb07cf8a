import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Random documents and damaged ones, from fixed seeds.
struct JSONFuzzTests {
  @Test(arguments: 0..<40 as Range<UInt64>)
  func whatIsWrittenReadsBackTheSame(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<10 {
      let value = Self.value(depth: 0, &random)
      let compact = value.encoded()
      // Compared as bytes: JSONValue's == takes canonically equivalent texts for equal.
      #expect(try JSONValue(parsing: compact).encoded().utf8.elementsEqual(compact.utf8))
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func damageNeverTrapsAndWhatIsAcceptedIsStable(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var accepted = 0
    for _ in 0..<60 {
      var bytes = Array(Self.value(depth: 0, &random).encoded().utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) { Self.damage(&bytes, &random) }
      let value: JSONValue
      do {
        value = try JSONValue(parsing: bytes)
      } catch {
        #expect((0...bytes.count).contains(error.byteOffset))
        #expect(error.line >= 1 && error.column >= 1)
        continue
      }
      let once = value.encoded()
      #expect(try JSONValue(parsing: once).encoded().utf8.elementsEqual(once.utf8))
      accepted += 1
    }
    #expect(accepted > 0, "some damage leaves JSON")
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func noiseNeverTraps(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = Array("{}[]\",:\\u0123eE+-.truefalsn \n\u{E9}".utf8) + [0xFF, 0x00, 0xD8]
    for _ in 0..<500 {
      let noise = (0..<Int.random(in: 0...24, using: &random)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      guard let value = try? JSONValue(parsing: noise) else { continue }
      #expect(!value.encoded().isEmpty)
    }
  }

  private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
    switch Int.random(in: 0..<(depth < 5 ? 8 : 5), using: &random) {
    case 0: return .null
    case 1: return .boolean(.random(using: &random))
    case 2: return .number(number(&random))
    case 3, 4: return .string(text(&random))
    case 5:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          value(depth: depth + 1, &random)
        })
    default:
      return .object(
        (0..<Int.random(in: 0...(depth == 0 ? 40 : 4), using: &random)).map { index in
          JSONMember("\(index)-\(text(&random))", value(depth: depth + 1 + index % 4, &random))
        })
    }
  }

  private static func number(_ random: inout SplitMix64) -> String {
    var token = Bool.random(using: &random) ? "-" : ""
    token += "\(Int.random(in: 0...Int.max, using: &random))"
    if Bool.random(using: &random) { token += ".0\(Int.random(in: 0...999, using: &random))" }
    if Bool.random(using: &random) { token += "e+\(Int.random(in: 0...99, using: &random))" }
    return token
  }

  private static func text(_ random: inout SplitMix64) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let limit: UInt32 = [0x80, 0x800, 0x3000, 0x10FFFF].randomElement(using: &random) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) {
        text.append(scalar)
      }
    }
    return String(text)
  }

  private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 2))
    case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
    default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 6)], at: place)
    }
  }
}
