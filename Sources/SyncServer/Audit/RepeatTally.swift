import OfficeSyncRecords

/// Which of what somebody does again and again is written down one by one, and which is only counted, so that nobody fills an
/// audit log, or drives what is in it out. A value: it is handed the time.
///
/// In a window of ten minutes the first few of one kind (who, and why) have a line each, and so have the first of all kinds
/// together; the rest is told as a number when the window is over.
struct RepeatTally {
  static let windowMilliseconds: UInt64 = 600_000
  /// Kinds that are counted apart; what is beyond is counted as one.
  static let kindsMax = 100

  let ofOneKindMax: Int
  let ofAllKindsMax: Int

  static let refusals = RepeatTally(ofOneKindMax: 5, ofAllKindsMax: 100)
  /// Who comes has a certificate: there are only so many of them, and what each did is to be known as long as it can be.
  static let connections = RepeatTally(ofOneKindMax: 100, ofAllKindsMax: 10_000)

  struct Kind: Hashable, Sendable {
    /// An address without its port, or an identity; nil for all that are not counted apart.
    var who: String?
    var code: String?
  }

  /// What had no line of its own.
  struct Count: Hashable, Sendable {
    var kind: Kind
    var count: Int
    /// Of the window.
    var sinceMilliseconds: UInt64
  }

  private var windowMilliseconds: UInt64?
  private var told: [Kind: Int] = [:]
  private var toldInAll = 0
  private var untold: [Kind: Int] = [:]

  init(ofOneKindMax: Int, ofAllKindsMax: Int) {
    self.ofOneKindMax = ofOneKindMax
    self.ofAllKindsMax = ofAllKindsMax
  }

  /// Whether something waits to be told as a number.
  var isWaiting: Bool { !untold.isEmpty }

  /// Whether another one has a line of its own. Call ``due(at:)`` first.
  mutating func admits(_ kind: Kind, at milliseconds: UInt64) -> Bool {
    if windowMilliseconds == nil { windowMilliseconds = milliseconds }
    if told[kind, default: 0] < ofOneKindMax, toldInAll < ofAllKindsMax {
      told[kind, default: 0] += 1
      toldInAll += 1
      return true
    }
    let isApart = untold[kind] != nil || untold.count < Self.kindsMax
    untold[isApart ? kind : Kind(), default: 0] += 1
    return false
  }

  /// What was only counted, once the window is over; a clock that was set back ends it, too.
  mutating func due(at milliseconds: UInt64) -> [Count] {
    guard let start = windowMilliseconds,
      !(start..<start + Self.windowMilliseconds).contains(milliseconds)
    else { return [] }
    return end()
  }

  /// What was only counted until now.
  mutating func end() -> [Count] {
    let since = windowMilliseconds ?? 0
    let counts = untold.map { Count(kind: $0, count: $1, sinceMilliseconds: since) }
    self = RepeatTally(ofOneKindMax: ofOneKindMax, ofAllKindsMax: ofAllKindsMax)
    return counts.sorted {
      ($0.kind.who ?? "", $0.kind.code ?? "") < ($1.kind.who ?? "", $1.kind.code ?? "")
    }
  }
}
