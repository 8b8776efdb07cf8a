import Foundation
import OfficeSyncCommandSupport
import SwiftASN1
import X509

/// A name or an address that an office is reached under, as it stands in its certificate.
enum HostName: Hashable, Sendable {
  /// A DNS name in lower case, without a final dot.
  case name(String)
  /// The 4 or 16 octets of an IP address.
  case address([UInt8])

  /// - Throws: `CommandError` `bad-host` (65) when `text` is neither a host name (RFC 1123 §2.1) nor an IP address.
  init(parsing text: String) throws {
    if let octets = Self.octets(of: text) {
      self = .address(octets)
    } else if let name = Self.dnsName(text) {
      self = .name(name)
    } else {
      throw CommandError.badHost(text)
    }
  }

  var generalName: GeneralName {
    switch self {
    case .name(let name): .dnsName(name)
    case .address(let octets): .ipAddress(ASN1OctetString(contentBytes: octets[...]))
    }
  }

  private static func octets(of text: String) -> [UInt8]? {
    var octets = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &octets) == 1 { return Array(octets.prefix(4)) }
    if inet_pton(AF_INET6, text, &octets) == 1 { return octets }
    return nil
  }

  private static func dnsName(_ text: String) -> String? {
    let name = text.lowercased()
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard name.utf8.count <= 253, let last = labels.last, !last.allSatisfy(\.isNumber),
      labels.allSatisfy(isLabel)
    else { return nil }
    return name
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
      && label.utf8.allSatisfy { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
