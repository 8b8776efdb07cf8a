/// How often what happened.
package struct Histogram: Hashable, Sendable {
  package private(set) var counts: [String: Int] = [:]

  package init() {}

  package subscript(_ name: String) -> Int { counts[name] ?? 0 }

  mutating func note(_ name: String, _ times: Int = 1) {
    if times > 0 { counts[name, default: 0] += times }
  }

  mutating func note(_ fault: Fault) { note(Self.prefix + fault.rawValue) }

  package mutating func add(_ other: Histogram) {
    for (name, count) in other.counts { note(name, count) }
  }

  private static let prefix = "fault "

  /// How many faults took effect.
  package var faults: Int {
    counts.filter { $0.key.hasPrefix(Self.prefix) }.values.reduce(0, +)
  }

  /// How many events the schedule had.
  package var events: Int {
    counts.filter { $0.key.hasPrefix("event ") }.values.reduce(0, +)
  }

  /// One line a name, most frequent first.
  package var table: String {
    let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return rows.map { name, count in
      let number = String(count)
      return String(repeating: " ", count: max(0, 12 - number.count)) + "\(number)  \(name)"
    }.joined(separator: "\n")
  }
}
