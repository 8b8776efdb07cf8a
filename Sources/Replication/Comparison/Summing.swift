import OfficeSyncProtocol
import OfficeSyncRecords

/// The sums that one `Ask` wants, as far as they were reckoned and are not sent yet.
struct Summing {
  /// What is asked for and not yet answered, the first in work.
  private(set) var ranges: ArraySlice<Ask.Range>
  /// Where reading goes on in the first.
  var cursor: RecordID?
  var quietReads = 0
  /// The part that is being added up.
  private var part: Sums.Part?
  private var items: [Sums.Item] = []

  init(_ ranges: [Ask.Range]) {
    self.ranges = ranges[...]
    cursor = ranges.first?.records.after
  }

  mutating func add(_ digest: RecordDigest, partRecords: UInt64) {
    var part =
      part
      ?? Sums.Part(last: digest.id, records: 0, isDamaged: false, fingerprint: .zero)
    part.last = digest.id
    part.records += 1
    part.isDamaged = part.isDamaged || digest.isDamaged
    part.fingerprint = part.fingerprint + digest.fingerprint
    self.part = part
    if part.records >= partRecords { endPart() }
  }

  private mutating func endPart() {
    if let part { items.append(.part(part)) }
    part = nil
  }

  mutating func endRange() {
    endPart()
    items.append(.end)
    ranges = ranges.dropFirst()
    cursor = ranges.first?.records.after
  }

  /// What can be sent; an empty message if the client was left without one for long.
  mutating func messages(on channel: Channel, isDue: Bool) -> [Message] {
    if items.isEmpty, !isDue { return [] }
    quietReads = 0
    defer { items = [] }
    let starts =
      items.isEmpty ? [0] : Array(stride(from: 0, to: items.count, by: Self.itemsPerSums))
    return starts.map { start in
      .sums(Sums(channel: channel, items: Array(items[start...].prefix(Self.itemsPerSums))))
    }
  }

  /// Small, so that the client compares as it goes.
  private static let itemsPerSums = 256
}
