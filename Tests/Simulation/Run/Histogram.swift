import OfficeSyncProtocol

/// How often what happened.
package struct Histogram: Hashable, Sendable {
  /// What is counted.
  enum Entry: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    case event(Swarm.Event)
    case fault(Fault)
    case message(Message.Kind)
    case outcome(FailureCode)
    case session(FailureCode)
    case rounds(Int)
    case other(String)

    init(stringLiteral text: String) { self = .other(text) }

    var description: String {
      switch self {
      case .event(let event): "event \(event)"
      case .fault(let fault): "fault \(fault)"
      case .message(let kind): "message \(kind)"
      case .outcome(let code): "outcome \(code)"
      case .session(let code): "session \(code)"
      case .rounds(let count): "rounds \(count)"
      case .other(let text): text
      }
    }
  }

  private(set) var counts: [Entry: Int] = [:]
  /// How many faults took effect.
  package private(set) var faults = 0
  /// How many events the schedule had.
  package private(set) var events = 0

  package init() {}

  subscript(_ entry: Entry) -> Int { counts[entry] ?? 0 }

  package func count(of fault: Fault) -> Int { self[.fault(fault)] }

  mutating func note(_ entry: Entry, _ times: Int = 1) {
    if times == 0 { return }
    counts[entry, default: 0] += times
    switch entry {
    case .event: events += times
    case .fault: faults += times
    case .message, .outcome, .session, .rounds, .other: break
    }
  }

  mutating func note(_ fault: Fault) { note(.fault(fault)) }

  package mutating func add(_ other: Histogram) {
    for (entry, count) in other.counts { note(entry, count) }
  }

  /// One line a name, most frequent first.
  package var table: String {
    let rows = counts.map { (name: "\($0)", count: $1) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    return rows.map { name, count in
      let number = String(count)
      return String(repeating: " ", count: max(0, 12 - number.count)) + "\(number)  \(name)"
    }.joined(separator: "\n")
  }
}
