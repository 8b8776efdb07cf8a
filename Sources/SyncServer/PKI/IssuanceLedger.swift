import Foundation
import OfficeSyncRecords
import X509

/// What an authority has signed so far, oldest first: `issued.ndjson`, an object a line.
///
/// It is how `revoke` finds the serial numbers of an identity, and the one source that revocation lists are made from.
struct IssuanceLedger {
  /// A certificate.
  struct Issue: Codable, Hashable {
    var issued: String
    var serial: String
    var notAfter: Date
  }

  /// A revocation list: its number, and the serials that were new on it.
  struct Publication: Codable, Hashable {
    var revocationList: Int
    var at: Date
    var revoked: [String]
  }

  fileprivate enum Event: Hashable {
    case issue(Issue)
    case publication(Publication)
  }

  /// A line that is no entry, counted from 1.
  struct DamagedLine: Error, Hashable {
    var line: Int
  }

  private var events: [Event] = []

  init() {}

  /// - Throws: ``DamagedLine``
  init(parsing data: Data) throws {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      guard let event = try? decoder.decode(Event.self, from: Data(line)), event.isSound else {
        throw DamagedLine(line: index + 1)
      }
      events.append(event)
    }
  }

  func serialized() throws -> Data {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try events.reduce(into: Data()) { data, event in
      data += try encoder.encode(event) + [UInt8(ascii: "\n")]
    }
  }

  mutating func record(_ certificate: Certificate, for identity: Identity) {
    events.append(
      .issue(
        Issue(
          issued: identity.description, serial: certificate.serialNumber.hex,
          notAfter: certificate.notValidAfter)))
  }

  /// Takes note of a new revocation list with `serials` added, and returns that list.
  mutating func publish(revoking serials: [String] = [], at now: Date) -> RevocationList {
    let number = (publications.map(\.revocationList).max() ?? 0) + 1
    events.append(
      .publication(Publication(revocationList: number, at: now, revoked: serials)))
    let entries = publications.flatMap { publication in
      publication.revoked.compactMap { hex in
        Certificate.SerialNumber(hex: hex).map {
          // As early as the list itself, so that no entry is younger than its list.
          RevocationList.Entry(serial: $0, revokedAt: publication.at - Validity.clockSkew)
        }
      }
    }
    return RevocationList(
      number: number, validity: Validity(days: RevocationList.days, at: now), entries: entries)
  }

  /// Whether the authority ever signed a certificate for `identity`.
  func knows(_ identity: Identity) -> Bool {
    issues.contains { $0.issued == identity.description }
  }

  /// The serials of `identity` that someone could still use at `now`: neither ended nor revoked.
  func usableSerials(of identity: Identity, at now: Date) -> [String] {
    let revoked = Set(publications.flatMap(\.revoked))
    return
      issues
      .filter {
        $0.issued == identity.description && $0.notAfter > now && !revoked.contains($0.serial)
      }
      .map(\.serial)
  }

  private var issues: [Issue] {
    events.compactMap { if case .issue(let issue) = $0 { issue } else { nil } }
  }

  private var publications: [Publication] {
    events.compactMap { if case .publication(let publication) = $0 { publication } else { nil } }
  }
}

extension IssuanceLedger.Event: Codable {
  init(from decoder: any Decoder) throws {
    if let issue = try? IssuanceLedger.Issue(from: decoder) {
      self = .issue(issue)
    } else {
      self = .publication(try IssuanceLedger.Publication(from: decoder))
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .issue(let issue): try issue.encode(to: encoder)
    case .publication(let publication): try publication.encode(to: encoder)
    }
  }

  /// Whether every serial is one: a list made from a damaged ledger would silently leave someone out.
  fileprivate var isSound: Bool {
    let serials =
      switch self {
      case .issue(let issue): [issue.serial]
      case .publication(let publication): publication.revoked
      }
    return serials.allSatisfy { Certificate.SerialNumber(hex: $0)?.hex == $0 }
  }
}

extension Certificate.SerialNumber {
  /// Two hex digits an octet, as `openssl x509 -serial` prints them, but in lower case.
  var hex: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  fileprivate init?(hex: String) {
    let digits = hex.compactMap(\.hexDigitValue)
    guard digits.count == hex.count, !digits.isEmpty, digits.count.isMultiple(of: 2) else {
      return nil
    }
    self.init(
      bytes: stride(from: 0, to: digits.count, by: 2).map {
        UInt8(digits[$0] << 4 | digits[$0 + 1])
      })
  }
}
