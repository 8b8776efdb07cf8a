import OfficeSyncRecords

/// Adds up what a session carries of a collection, so that one that lasts, with a change every second, is a line a minute. A
/// value: it is handed the time.
struct ExchangeTally {
  /// What is said at once keeps the next word back for so long.
  static let pauseMilliseconds: UInt64 = 60_000

  struct Key: Hashable, Sendable {
    var session: String
    var collection: CollectionName
  }

  struct Counts: Hashable, Sendable {
    /// Records that went to the other side.
    var read: UInt64 = 0
    /// Records that came from it.
    var wrote: UInt64 = 0
    /// Of these, those that changed the store.
    var applied: UInt64 = 0

    var isNothing: Bool { self == Counts() }

    static func + (a: Counts, b: Counts) -> Counts {
      Counts(read: a.read + b.read, wrote: a.wrote + b.wrote, applied: a.applied + b.applied)
    }
  }

  private struct Entry {
    /// The members of a line that say who it is.
    var who: [JSONMember]
    var toldMilliseconds: UInt64
    var untold = Counts()
  }

  /// What is to be written down.
  struct Line {
    var key: Key
    var who: [JSONMember]
    var counts: Counts
  }

  private var entries: [Key: Entry] = [:]

  /// Whether something waits to be written down.
  var isWaiting: Bool { entries.values.contains { !$0.untold.isNothing } }

  /// - Returns: what to write down now.
  mutating func note(
    _ counts: Counts, of key: Key, by who: [JSONMember], at milliseconds: UInt64
  ) -> Line? {
    if counts.isNothing { return nil }
    guard var entry = entries[key] else {
      entries[key] = Entry(who: who, toldMilliseconds: milliseconds)
      return Line(key: key, who: who, counts: counts)
    }
    entry.untold = entry.untold + counts
    entries[key] = entry
    return Self.isOver(entry, milliseconds) ? take(key, milliseconds) : nil
  }

  /// What has waited long enough.
  mutating func due(at milliseconds: UInt64) -> [Line] {
    let keys = entries.filter { !$1.untold.isNothing && Self.isOver($1, milliseconds) }.keys
    return keys.sorted(by: Self.order).compactMap { take($0, milliseconds) }
  }

  /// What is left of a session that has ended; of all of them without one.
  mutating func end(of session: String? = nil) -> [Line] {
    let keys = entries.keys.filter { session == nil || $0.session == session }
    return keys.sorted(by: Self.order).compactMap { key in
      defer { entries[key] = nil }
      return take(key, 0)
    }
  }

  private mutating func take(_ key: Key, _ milliseconds: UInt64) -> Line? {
    guard let entry = entries[key], !entry.untold.isNothing else { return nil }
    entries[key] = Entry(who: entry.who, toldMilliseconds: milliseconds)
    return Line(key: key, who: entry.who, counts: entry.untold)
  }

  /// A clock that was set back ends a pause, too.
  private static func isOver(_ entry: Entry, _ milliseconds: UInt64) -> Bool {
    !(entry.toldMilliseconds..<entry.toldMilliseconds + pauseMilliseconds).contains(milliseconds)
  }

  private static func order(_ a: Key, _ b: Key) -> Bool {
    (a.session, a.collection) < (b.session, b.collection)
  }
}
