import ArgumentParser
import OfficeSyncRecords

/// What happened at an office, as one line of its audit log.
///
/// Whatever is in it, it becomes one line of printable ASCII, of a few kilobytes at most: texts of peers, files and people
/// are cut, and everything that a terminal might obey is written `\uXXXX`, as JSON has it.
public struct AuditEntry: Hashable, Sendable {
  /// Kinds of entries; the words are part of the contract (`docs/CLI.md`).
  public enum Event: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// The server began, ended, or read its settings anew.
    case started, stopped, reloaded
    /// Somebody was let in, or this office was let in elsewhere.
    case connected
    /// Records went to somebody.
    case read
    /// Records came from somebody.
    case wrote
    case refused
    /// A device was given a certificate.
    case enrolled, renewed
    /// An administrator did something; it is written before it is done.
    case act
    /// What an administrator was about to do failed.
    case actFailed = "act-failed"
    /// Entries could not be written.
    case lost
  }

  /// What is left of a text that came from outside, in bytes of UTF-8.
  static let textBytesMax = 256
  static let listItemsMax = 32

  public let atMilliseconds: UInt64
  public let event: Event
  public let members: [JSONMember]

  /// - Parameters:
  ///   - milliseconds: when, since 1970 UTC.
  ///   - members: what else there is to say; texts may be anybody's.
  public init(_ event: Event, at milliseconds: UInt64, _ members: [JSONMember]) {
    self.event = event
    atMilliseconds = milliseconds
    self.members = members.map { JSONMember($0.name.shortened, $0.value.shortened) }
  }

  /// What was carried of a collection: an entry for what went out, and one for what came in.
  ///
  /// - Parameters:
  ///   - who: the members that say with whom.
  ///   - read: records that went to the other side.
  ///   - wrote: records that came from it.
  ///   - applied: of these, those that changed the store.
  public static func exchanged(
    _ collection: CollectionName, at milliseconds: UInt64, with who: [JSONMember], read: UInt64,
    wrote: UInt64, applied: UInt64
  ) -> [AuditEntry] {
    func entry(_ event: Event, _ counts: [(name: String, count: UInt64)]) -> AuditEntry {
      AuditEntry(
        event, at: milliseconds,
        who + [JSONMember("collection", .string(collection.text))]
          + counts.map { JSONMember($0.name, .number("\($0.count)")) })
    }
    return (read > 0 ? [entry(.read, [("records", read)])] : [])
      + (wrote > 0 ? [entry(.wrote, [("records", wrote), ("applied", applied)])] : [])
  }

  /// The line, with its end.
  public var line: [UInt8] {
    let time = Timestamp(HybridTime(milliseconds: atMilliseconds)).description
    let head = [
      JSONMember("at", .string(time)), JSONMember("event", .string(event.rawValue)),
    ]
    return Array(JSONValue.object(head + members).encodedInASCII.utf8) + [UInt8(ascii: "\n")]
  }
}

extension JSONValue {
  /// With texts and lists cut to what an entry holds; that it was is to be seen.
  fileprivate var shortened: JSONValue {
    switch self {
    case .null, .boolean, .number: self
    case .string(let text): .string(text.shortened)
    case .array(let items):
      .array(
        items.prefix(AuditEntry.listItemsMax).map(\.shortened)
          + (items.count > AuditEntry.listItemsMax ? [.string("…")] : []))
    case .object(let members):
      .object(
        members.prefix(AuditEntry.listItemsMax).map {
          JSONMember($0.name.shortened, $0.value.shortened)
        })
    }
  }

  /// The document on one line in printable ASCII.
  ///
  /// Beyond ASCII there is nothing but texts, where every code point may be written by its number.
  fileprivate var encodedInASCII: String {
    let text = encoded()
    if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return text }
    var ascii = ""
    for unit in text.utf16 {
      if 0x20...0x7E ~= unit, let scalar = Unicode.Scalar(unit) {
        ascii.unicodeScalars.append(scalar)
      } else {
        let digits = String(unit, radix: 16)
        ascii += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return ascii
  }
}

extension String {
  fileprivate var shortened: String {
    let max = AuditEntry.textBytesMax
    if utf8.count <= max { return self }
    var end = utf8.index(startIndex, offsetBy: max)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return self[..<end] + "…"
  }
}
