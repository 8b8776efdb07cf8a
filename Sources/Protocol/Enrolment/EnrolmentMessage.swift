import OfficeSyncRecords

/// What an office and a device that is not known yet say to each other, under the application protocol
/// ``Limits/enrolmentProtocol``, in frames of their own kinds. docs/PROTOCOL.md, "Enrolment", has each byte.
public enum EnrolmentMessage: Hashable, Sendable {
  /// The office begins: the authorities to trust. The device looks for the one that its token names, and verifies the office by
  /// it, before it says anything.
  case authorities([[UInt8]])
  /// The device shows its token.
  case application(Application)
  /// The device has shown a certificate of the organisation that is soon to end, and wants another one over the same key.
  /// `software` is as in ``Application``.
  case renewal(software: String)
  /// The office's answer: it is the last word.
  case issued(Issued)
  case refused(EnrolmentRefusal)

  public struct Application: Hashable, Sendable {
    /// ``EnrolmentToken/secretBytes`` long.
    public let secret: [UInt8]
    /// The number that was told separately; empty if none was.
    public let pin: String
    /// Name and version of the device's program, for the office's log.
    public let software: String

    public init(secret: [UInt8], pin: String, software: String) {
      self.secret = secret
      self.pin = pin
      self.software = software
    }
  }

  /// What the device may do with a collection.
  public struct Access: Hashable, Sendable {
    public let collection: CollectionName
    public let directions: Directions

    public init(collection: CollectionName, directions: Directions) {
      self.collection = collection
      self.directions = directions
    }
  }

  public struct Issued: Hashable, Sendable {
    /// The device's certificate in DER, and after it those between it and an authority, the next one first.
    public let chain: [[UInt8]]
    /// What it may reach, as far as there is room to say it.
    public let access: [Access]

    public init(chain: [[UInt8]], access: [Access]) {
      self.chain = chain
      self.access = Array(access.prefix(Limits.enrolmentAccessMax))
    }
  }

  enum Kind: UInt8, CaseIterable {
    case authorities = 0x01
    case application = 0x02
    case issued = 0x03
    case refused = 0x04
    case renewal = 0x05
  }

  /// - Throws: ``CodecError``
  public init(_ frame: Frame) throws(CodecError) {
    guard let kind = Kind(rawValue: frame.type) else {
      throw .unknownTag("enrolment message", UInt64(frame.type))
    }
    var reader = ByteReader(frame.body)
    switch kind {
    case .authorities: self = .authorities(try reader.certificates())
    case .application:
      let secret = Array(try reader.raw(EnrolmentToken.secretBytes))
      let pin = try reader.text(of: "number", max: Limits.enrolmentPINBytesMax)
      let software = try reader.text(of: "software", max: Limits.softwareBytesMax)
      self = .application(Application(secret: secret, pin: pin, software: software))
    case .renewal:
      self = .renewal(software: try reader.text(of: "software", max: Limits.softwareBytesMax))
    case .issued:
      let chain = try reader.certificates()
      self = .issued(Issued(chain: chain, access: try reader.access()))
    case .refused:
      let code = try reader.varint()
      let message = try reader.text(of: "message", max: Limits.errorTextBytesMax)
      self = .refused(
        EnrolmentRefusal(EnrolmentRefusal.Code(rawValue: code) ?? .unknown, message))
    }
    try reader.extensions()
  }

  /// The frame that carries the message.
  public var frame: Frame {
    var writer = ByteWriter()
    let kind: Kind
    switch self {
    case .authorities(let certificates):
      kind = .authorities
      writer.certificates(certificates)
    case .application(let application):
      kind = .application
      writer.raw(application.secret)
      writer.text(application.pin)
      writer.text(application.software)
    case .renewal(let software):
      kind = .renewal
      writer.text(software)
    case .issued(let issued):
      kind = .issued
      writer.certificates(issued.chain)
      writer.varint(issued.access.count)
      for access in issued.access {
        writer.text(access.collection.text)
        writer.byte(access.directions.rawValue)
      }
    case .refused(let refusal):
      kind = .refused
      writer.varint(refusal.code.rawValue)
      writer.text(refusal.message)
    }
    return Frame(type: kind.rawValue, body: writer.bytes)
  }
}

/// Why an office gives a device no certificate.
public struct EnrolmentRefusal: Error, Hashable, Sendable {
  public enum Code: UInt64, Hashable, Sendable, CaseIterable {
    /// A code of a later version.
    case unknown = 0
    /// No such token was given out here, or too long ago.
    case unknownToken = 1
    case expired = 2
    /// Another device came first.
    case used = 3
    case wrongPIN = 4
    /// Too many wrong numbers with this token, or too many attempts from this address.
    case tooManyAttempts = 5
    /// The office cannot issue certificates now.
    case unavailable = 6
    /// The device's key is of a kind that gets no certificate.
    case unsuitableKey = 7
    /// What came is not what the protocol asks for.
    case protocolViolation = 8
    /// The certificate has more than half of its time left.
    case notDue = 9
    /// The certificate that was to be renewed is not accepted here, or not a field device's.
    case notTrusted = 10
  }

  public let code: Code
  /// For logs; English.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension ByteWriter {
  fileprivate mutating func certificates(_ certificates: [[UInt8]]) {
    varint(certificates.count)
    for certificate in certificates { prefixed(certificate) }
  }
}

extension ByteReader {
  fileprivate mutating func certificates() throws(CodecError) -> [[UInt8]] {
    let count = try count(
      of: "certificates", itemBytesMin: 1, max: Limits.enrolmentCertificatesMax)
    var certificates: [[UInt8]] = []
    for _ in 0..<count {
      certificates.append(
        Array(try bytes(of: "certificate", max: Limits.enrolmentFrameBytesMax)))
    }
    return certificates
  }

  fileprivate mutating func access() throws(CodecError) -> [EnrolmentMessage.Access] {
    let count = try count(of: "access", itemBytesMin: 2, max: Limits.enrolmentAccessMax)
    var access: [EnrolmentMessage.Access] = []
    for _ in 0..<count {
      let collection = try collection()
      let flags = try flags(allowed: 3, of: "access")
      access.append(
        EnrolmentMessage.Access(collection: collection, directions: Directions(rawValue: flags)))
    }
    return access
  }
}
