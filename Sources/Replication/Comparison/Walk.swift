import OfficeSyncProtocol
import OfficeSyncRecords

/// One level of the tree of ranges: which ranges were asked for, how far the server's sums were compared with this side's,
/// and which parts have to be looked at finer.
struct Walk {
  /// Records read at a time.
  static let digestsPerRead = 4_096

  /// What was asked for.
  private(set) var asked: [Ask.Range]
  /// The ranges that the server has not closed, and those behind them that there was no room to ask for.
  private var open: ArraySlice<Ask.Range>
  private var waiting: ArraySlice<Ask.Range>
  private var items: ArraySlice<Sums.Item> = []
  /// Where the part that is compared begins.
  private var cursor: RecordID?
  /// This side's sum over it, as far as it was read.
  private var mine = Sum()
  private var differing: [Ask.Range] = []
  /// Whether more ranges differ than are looked into.
  private(set) var isCut = false
  private var isFirstLevel = true
  private(set) var recordsOfFirstLevel: UInt64 = 0

  private struct Sum {
    /// Up to where it was read.
    var readThrough: RecordID?
    var records: UInt64 = 0
    var isDamaged = false
    var fingerprint = Fingerprint.zero
    var hasMetLast = false
  }

  init(_ ranges: [Ask.Range]) {
    asked = Array(ranges.prefix(Limits.rangesPerAskMax))
    open = asked[...]
    waiting = ranges.dropFirst(asked.count)
    cursor = asked.first?.records.after
  }

  /// What this side has to read next; nil if everything that came has been compared.
  var due: RecordRange? {
    guard let range = open.first, let item = items.first else { return nil }
    let end =
      switch item {
      case .part(let part): part.last
      case .end: range.records.through
      }
    return RecordRange(after: mine.readThrough ?? cursor, through: end)
  }

  /// Whether the server has answered all that was asked.
  var isLevelDone: Bool { open.isEmpty }

  // MARK: What the server says

  mutating func take(_ new: [Sums.Item]) throws(SessionError) {
    items += new
    try check(new)
  }

  /// Parts follow each other, lie within their range, and are no larger than was asked for.
  private mutating func check(_ new: [Sums.Item]) throws(SessionError) {
    var ranges = open.dropFirst(items.dropLast(new.count).count { $0 == .end })
    var last = lastID(before: new.count) ?? ranges.first?.records.after
    for item in new {
      guard let range = ranges.first else { throw wrong("more sums than were asked for") }
      switch item {
      case .end:
        ranges = ranges.dropFirst()
        last = ranges.first?.records.after
      case .part(let part):
        if let last, part.last <= last { throw wrong("sums out of order") }
        if let end = range.records.through, part.last > end {
          throw wrong("a sum beyond its range")
        }
        if part.records > range.partRecords { throw wrong("a larger part than was asked for") }
        last = part.last
      }
    }
  }

  private func lastID(before count: Int) -> RecordID? {
    guard case .part(let part) = items.dropLast(count).last else {
      return items.count > count ? nil : cursor
    }
    return part.last
  }

  private func wrong(_ what: String) -> SessionError { SessionError(.protocolViolation, what) }

  // MARK: What this side has

  /// Takes the answer to `due`.
  /// - Returns: records that differ.
  mutating func take(_ found: [RecordDigest]) -> [RecordDifference] {
    guard let item = items.first else { return [] }
    var differences: [RecordDifference] = []
    for digest in found {
      mine.records += 1
      mine.isDamaged = mine.isDamaged || digest.isDamaged
      mine.fingerprint = mine.fingerprint + digest.fingerprint
      if let difference = judge(digest, item) { differences.append(difference) }
    }
    mine.readThrough = found.last?.id ?? mine.readThrough
    if isFirstLevel { recordsOfFirstLevel += UInt64(found.count) }
    if found.count < Self.digestsPerRead { differences += close(item) }
    return differences
  }

  /// What can be said of one record of this side's: where the server has one at most, or none at all.
  private mutating func judge(_ mine: RecordDigest, _ item: Sums.Item) -> RecordDifference? {
    let here: RecordCondition = mine.isDamaged ? .damaged : .sound
    guard case .part(let theirs) = item else {
      return RecordDifference(id: mine.id, here: here, there: .missing)
    }
    if theirs.records > 1 { return nil }
    if theirs.last != mine.id {
      return RecordDifference(id: mine.id, here: here, there: .missing)
    }
    self.mine.hasMetLast = true
    if mine.fingerprint == theirs.fingerprint, !mine.isDamaged, !theirs.isDamaged { return nil }
    return RecordDifference(id: mine.id, here: here, there: theirs.isDamaged ? .damaged : .sound)
  }

  /// The part has been read on this side too.
  private mutating func close(_ item: Sums.Item) -> [RecordDifference] {
    items = items.dropFirst()
    defer { mine = Sum() }
    guard case .part(let theirs) = item else {
      open = open.dropFirst()
      cursor = open.first?.records.after
      return []
    }
    defer { cursor = theirs.last }
    if theirs.records == 1 {
      return mine.hasMetLast
        ? []
        : [
          RecordDifference(
            id: theirs.last, here: .missing, there: theirs.isDamaged ? .damaged : .sound)
        ]
    }
    let isSame =
      mine.records == theirs.records && mine.fingerprint == theirs.fingerprint && !mine.isDamaged
      && !theirs.isDamaged
    if !isSame, differing.count >= ComparisonOutcome.differencesMax {
      // In each of those before there is a difference: more are not listed, and a peer may claim any number.
      isCut = true
    } else if !isSame {
      differing.append(
        Ask.Range(
          RecordRange(after: cursor, through: theirs.last),
          partRecords: ComparisonMachine.partRecords(of: theirs.records)))
    }
    return []
  }

  /// Goes on with what there was no room to ask for, or with the parts that differ.
  /// - Returns: false if nothing is left to look at.
  mutating func descend() -> Bool {
    let ranges: [Ask.Range]
    if waiting.isEmpty {
      ranges = differing
      differing = []
      isFirstLevel = false
    } else {
      ranges = Array(waiting)
    }
    if ranges.isEmpty { return false }
    let before = self
    self = Walk(ranges)
    differing = before.differing
    isCut = before.isCut
    isFirstLevel = before.isFirstLevel
    recordsOfFirstLevel = before.recordsOfFirstLevel
    return true
  }
}
