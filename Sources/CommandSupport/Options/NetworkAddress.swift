import Foundation

/// A host and port as people write them: `rabat.example:7443`, `192.0.2.7`, `[::1]:7443`.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
  public static let defaultPort = 7443

  /// A host name, an IPv4 address, or an IPv6 address without brackets.
  public let host: String
  /// 0–65535; 0, "any free one", only where it was allowed.
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// The form that is read back: IPv6 in brackets, the port always.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Reads `HOST` or `HOST:PORT`; without a port it is ``defaultPort``.
  ///
  /// - Parameters:
  ///   - origin: where the text stands, for the error: an option, a variable, a file and key.
  ///   - allowsAnyPort: whether port 0 may be given, as a listener may.
  /// - Throws: a ``CommandError`` `bad-address` (64) that says what is wrong.
  public init(
    parsing text: String, from origin: String, allowsAnyPort: Bool = false
  ) throws(CommandError) {
    func wrong(_ reason: String) -> CommandError {
      .badAddress(text, in: origin, because: reason)
    }
    if text.isEmpty { throw wrong("it is empty") }
    if text.contains("/") { throw wrong("it is neither a web address nor a path") }
    let host: Substring
    let rest: Substring
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { throw wrong("the bracket is not closed") }
      host = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
      guard host.isIPv6 else { throw wrong("no IPv6 address stands in the brackets") }
    } else {
      let colons = text.count { $0 == ":" }
      if colons > 1 { throw wrong("an IPv6 address stands in brackets") }
      host = text.prefix { $0 != ":" }
      rest = text[host.endIndex...]
      if host.isEmpty { throw wrong("the host is missing") }
      guard host.isHostName else { throw wrong("the host may hold a-z, 0-9, '.', '-' and '_'") }
    }
    self.host = String(host)
    if rest.isEmpty {
      port = Self.defaultPort
      return
    }
    let digits = rest.dropFirst()
    guard rest.hasPrefix(":"), !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
      let number = Int(digits), number <= 65535
    else { throw wrong("the port must be a number up to 65535") }
    if number == 0 && !allowsAnyPort { throw wrong("port 0 is none to connect to") }
    port = number
  }
}

extension Substring {
  /// Whether this is an IPv6 address (RFC 4291), perhaps with a zone (`%eth0`).
  fileprivate var isIPv6: Bool {
    let parts = split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var address = in6_addr()
    let hasGoodZone = parts.count < 2 || (!parts[1].isEmpty && parts[1].isHostName)
    return hasGoodZone && inet_pton(AF_INET6, String(parts[0]), &address) == 1
  }

  fileprivate var isHostName: Bool {
    utf8.count <= 253
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
