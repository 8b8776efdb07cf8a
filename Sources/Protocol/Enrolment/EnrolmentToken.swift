import Crypto
import OfficeSyncRecords

/// What a person carries from an office to a new device: where the office is, by which authority to know it, and a secret that is
/// good for one certificate. Whoever has it can be the device, until it is used.
public struct EnrolmentToken: Hashable, Sendable {
  /// What its text begins with, so that people and programs see what it is.
  public static let prefix = "officesync1-"
  /// 128 bits.
  public static let secretBytes = 16
  /// SHA-256 of a certificate.
  public static let authorityBytes = 32
  static let checkBytes = 4
  static let hostBytesMax = 253
  /// No token's text is as long.
  public static let textBytesMax = 1_024

  public let identity: Identity
  /// A host name, or an address without brackets.
  public let host: String
  /// 1 to 65535.
  public let port: Int
  /// SHA-256 of the certificate, in DER, of the authority that the office's own chain ends at.
  public let authority: [UInt8]
  public let secret: [UInt8]
  /// Whether a number was told separately.
  public let asksForPIN: Bool

  /// - Parameters:
  ///   - authority: ``authorityBytes`` long.
  ///   - secret: ``secretBytes`` long, from a good source of randomness.
  /// - Returns: nil for anything of another length or out of its range.
  public init?(
    identity: Identity, host: String, port: Int, authority: [UInt8], secret: [UInt8],
    asksForPIN: Bool
  ) {
    guard (1...Self.hostBytesMax).contains(host.utf8.count),
      host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), (1...65_535).contains(port),
      authority.count == Self.authorityBytes, secret.count == Self.secretBytes
    else { return nil }
    self.identity = identity
    self.host = host
    self.port = port
    self.authority = authority
    self.secret = secret
    self.asksForPIN = asksForPIN
  }

  /// One word of letters, digits, `-` and `_`, about 130 long, which ends in a checksum.
  public var text: String {
    var writer = ByteWriter()
    writer.byte(asksForPIN ? 1 : 0)
    writer.text(identity.description)
    writer.text(host)
    writer.varint(port)
    writer.raw(authority)
    writer.raw(secret)
    let body = writer.bytes
    return Self.prefix + Self.urlForm(Base64.text(of: body + Self.check(of: body)))
  }

  /// Reads a token as somebody pasted it: blanks and line breaks in it do not count.
  ///
  /// - Throws: ``EnrolmentTokenError``
  public init(parsing text: String) throws(EnrolmentTokenError) {
    guard text.utf8.count <= Self.textBytesMax else { throw .notAToken }
    let word = String(text.filter { !$0.isWhitespace })
    guard word.hasPrefix(Self.prefix) else { throw .notAToken }
    guard
      let bytes = Base64.bytes(of: Self.standardForm(String(word.dropFirst(Self.prefix.count)))),
      bytes.count > Self.checkBytes
    else { throw .incomplete }
    let body = Array(bytes.dropLast(Self.checkBytes))
    guard Self.check(of: body) == Array(bytes.suffix(Self.checkBytes)) else { throw .incomplete }
    guard let token = try? Self(body: body) else { throw .newer }
    self = token
  }

  private init?(body: [UInt8]) throws(CodecError) {
    var reader = ByteReader(body)
    let flags = try reader.flags(allowed: 1, of: "token")
    let identity = try reader.identity(of: "identity")
    let host = try reader.text(of: "host", max: Self.hostBytesMax)
    let port = try reader.varint()
    let authority = Array(try reader.raw(Self.authorityBytes))
    let secret = Array(try reader.raw(Self.secretBytes))
    try reader.finish()
    self.init(
      identity: identity, host: host, port: Int(clamping: port), authority: authority,
      secret: secret, asksForPIN: flags == 1)
  }

  private static func check(of body: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: body).prefix(checkBytes))
  }

  /// RFC 4648 §5, without padding.
  private static func urlForm(_ text: String) -> String {
    String(
      text.compactMap { character -> Character? in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  private static func standardForm(_ text: String) -> String {
    let letters = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    return String(letters) + String(repeating: "=", count: (4 - letters.count % 4) % 4)
  }
}

/// Why a text is no token that can be used.
public enum EnrolmentTokenError: Error, Hashable, Sendable {
  /// It does not begin like one.
  case notAToken
  /// A part is missing or was changed.
  case incomplete
  /// It is whole, and says something that this version does not know.
  case newer
}

extension EnrolmentToken {
  /// What an office keeps of the secret.
  public var secretHash: [UInt8] { Self.hash(ofSecret: secret) }

  /// SHA-256 of a token's secret.
  public static func hash(ofSecret secret: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: secret))
  }

  /// SHA-256 of the secret and the number that is told separately: nobody finds the number without the secret.
  public static func hash(ofSecret secret: [UInt8], pin: String) -> [UInt8] {
    Array(SHA256.hash(data: secret + pin.utf8))
  }
}
