import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Seeded changes to well-formed bytes: what still decodes must be canonical, and nothing may trap. `scripts/fuzz` does the
/// same without end, guided by coverage.
@Suite struct MutationTests {
  @Test func recordsThatDecodeAreCanonical() throws {
    var random = SplitMix64(seed: 10)
    var corpus = try Samples.records().map { RecordEncoder.encode($0.record).bytes }
    var records = RandomRecords(seed: 10)
    corpus += try records.history(steps: 20).map { RecordEncoder.encode($0).bytes }
    var decoded = 0
    for _ in 0..<20_000 {
      let bytes = mutated(corpus.randomElement(using: &random) ?? [], using: &random)
      guard let (record, encoded) = try? RecordDecoder.decode(bytes) else { continue }
      decoded += 1
      #expect(RecordEncoder.encode(record) == encoded, "\(Hex.text(of: bytes))")
      #expect(encoded.bytes == bytes)
    }
    #expect(decoded > 500)
  }

  @Test func messagesThatDecodeComeBack() throws {
    var random = SplitMix64(seed: 11)
    let corpus = try Samples.messages().map(\.message.frame)
    var decoded = 0
    for _ in 0..<20_000 {
      guard let frame = corpus.randomElement(using: &random) else { return }
      let changed = Frame(type: frame.type, body: mutated(frame.body, using: &random))
      guard let message = try? Message(changed) else { continue }
      decoded += 1
      let again = message.frame
      #expect(try Message(again) == message)
      // Codes of later versions, and extensions, are the one thing that is not kept.
      switch message {
      case .fail(let fail) where fail.code == .unknown: break
      case .refused(let refused) where refused.code == .unknown: break
      default:
        #expect(changed.body.starts(with: again.body), "\(Hex.text(of: changed.encoded))")
      }
    }
    #expect(decoded > 500)
  }

  private func mutated(_ bytes: [UInt8], using random: inout SplitMix64) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let place = Int.random(in: 0...result.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where place < result.count:
        result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1 where place < result.count: result[place] = .random(in: 0...255, using: &random)
      case 2 where place < result.count: result.remove(at: place)
      case 3: result.insert(.random(in: 0...255, using: &random), at: place)
      case 4 where place < result.count: result[place] &+= random.oneIn(2) ? 1 : 255
      default:
        let end = Int.random(in: place...result.count, using: &random)
        result.insert(contentsOf: Array(result[place..<end].prefix(40)), at: place)
      }
    }
    return result
  }
}
