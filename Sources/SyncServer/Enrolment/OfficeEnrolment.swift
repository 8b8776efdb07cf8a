import Crypto
import Foundation
import Logging
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import SwiftASN1
import Synchronization
import X509

/// Gives field devices their first certificate for a token, with the authority in the store's folder.
final class OfficeEnrolment: EnrolmentDesk {
  private let office: OfficeStore
  private let settings: @Sendable () throws -> RunSettings
  private let logger: Logger
  private let refusals: RefusalLog
  private let audit: AuditKeeper
  private let attempts = Mutex(AttemptLimit())

  /// - Parameter settings: those of the moment.
  init(
    _ office: OfficeStore, logger: Logger, refusals: RefusalLog, audit: AuditKeeper,
    settings: @escaping @Sendable () throws -> RunSettings
  ) {
    self.office = office
    self.logger = logger
    self.refusals = refusals
    self.audit = audit
    self.settings = settings
  }

  func authorities() throws -> [[UInt8]] {
    try CertificatePEM.ders(of: .file(path: settings().network.authority))
  }

  func answer(
    _ application: EnrolmentMessage.Application, certificateDER: [UInt8], from address: String
  ) -> EnrolmentMessage {
    attempt(from: address) {
      guard let shown = try? Certificate(derEncoded: certificateDER), shown.publicKey.isCertifiable
      else { throw refuse(.unsuitableKey, "the key is neither P-256 nor P-384", nil, address) }
      let identity = try claim(application, shown.publicKey, address)
      return try issue(
        identity, shown.publicKey, (.enrolled, EnrolTexts.enrolled), application.software, address)
    }
  }

  func renew(
    _ identity: Identity, software: String, certificateDER: [UInt8], from address: String
  ) -> EnrolmentMessage {
    attempt(from: address) {
      guard identity.role == .field else {
        throw refuse(.notTrusted, "only field devices' certificates are renewed", identity, address)
      }
      let shown = try Certificate(derEncoded: certificateDER)
      let life = shown.notValidAfter.timeIntervalSince(shown.notValidBefore)
      guard shown.notValidAfter.timeIntervalSinceNow < life / 2 else {
        throw refuse(.notDue, "the certificate has more than half its time left", identity, address)
      }
      return try issue(
        identity, shown.publicKey, (.renewed, EnrolTexts.renewed), software, address)
    }
  }

  /// Keeps those out who fail too often, and logs what failed here.
  private func attempt(
    from address: String, _ body: () throws -> EnrolmentMessage.Issued
  ) -> EnrolmentMessage {
    let host = address.host
    do {
      guard attempts.withLock({ $0.admits(host, at: wallMilliseconds()) }) else {
        throw refuse(.tooManyAttempts, "too many attempts from this address", nil, address)
      }
      return .issued(try body())
    } catch {
      let refusal =
        error as? EnrolmentRefusal
        ?? EnrolmentRefusal(.unavailable, "this office cannot issue certificates now")
      if refusal.code == .unavailable {
        let reason = (error as? CommandError)?.message ?? "\(error)"
        logger.error(
          "\(EnrolTexts.failed)", metadata: ["address": "\(address)", "reason": "\(reason)"])
      } else {
        attempts.withLock { $0.noteFailure(of: host, at: wallMilliseconds()) }
      }
      return .refused(refusal)
    }
  }

  /// - Parameter event: for the logs.
  private func issue(
    _ identity: Identity, _ key: Certificate.PublicKey,
    _ event: (kind: AuditEntry.Event, text: String), _ software: String, _ address: String
  ) throws -> EnrolmentMessage.Issued {
    var generator = SystemRandomNumberGenerator()
    let chain = try AuthorityFolder(
      path: office.folder.enrolment, passphrase: settings().network.passphrase.passphrase
    ).issue(
      identity, hosts: [], publicKey: key, days: nil, at: Date(), using: &generator)
    let access = try StoreFrontDesk(store: office.store, logger: logger, wall: wallMilliseconds)
      .access(of: identity).map {
        EnrolmentMessage.Access(collection: $0.collection, directions: $0.directions)
      }
    let serial = chain.first?.serialNumber.hex ?? ""
    audit.note(
      event.kind,
      [
        JSONMember("identity", .string("\(identity)")), JSONMember("address", .string(address)),
        JSONMember("serial", .string(serial)), JSONMember("software", .string(software)),
      ])
    logger.notice(
      "\(event.text)",
      metadata: [
        "identity": "\(identity)", "address": "\(address)", "serial": "\(serial)",
        "software": "\(software)",
      ])
    return EnrolmentMessage.Issued(
      chain: try chain.map { certificate in
        var coder = DER.Serializer()
        try coder.serialize(certificate)
        return coder.serializedBytes
      }, access: access)
  }

  /// - Returns: whose certificate the device gets.
  private func claim(
    _ application: EnrolmentMessage.Application, _ key: Certificate.PublicKey, _ address: String
  ) throws -> Identity {
    let claim = try office.store.claimEnrolment(
      secretHash: EnrolmentToken.hash(ofSecret: application.secret),
      pinHash: EnrolmentToken.hash(ofSecret: application.secret, pin: application.pin),
      for: EnrolmentOffer.Use(
        milliseconds: wallMilliseconds(), address: address,
        keyHash: Array(SHA256.hash(data: key.subjectPublicKeyInfoBytes))))
    switch claim {
    case .granted(let identity): return identity
    case .unknown: throw refuse(.unknownToken, "no such token was given out here", nil, address)
    case .expired(let identity):
      throw refuse(.expired, "the token has ended", identity, address)
    case .used(let identity, let first):
      throw refuse(.used, "another device has used the token", identity, address, first: first)
    case .wrongPIN(let identity):
      throw refuse(.wrongPIN, "the number is wrong", identity, address)
    case .exhausted(let identity):
      throw refuse(.tooManyAttempts, "the number was wrong too often", identity, address)
    }
  }

  /// Logs the refusal: a token that two devices use may have been stolen.
  private func refuse(
    _ code: EnrolmentRefusal.Code, _ reason: String, _ identity: Identity?, _ address: String,
    first: EnrolmentOffer.Use? = nil
  ) -> EnrolmentRefusal {
    var metadata: Logger.Metadata = ["address": "\(address)", "reason": "\(reason)"]
    if let identity { metadata["identity"] = "\(identity)" }
    if let first { metadata["firstAddress"] = "\(first.address)" }
    if first == nil {
      refusals.log(.warning, "\(EnrolTexts.refused)", on: address.host, metadata: metadata)
    } else {
      // Only who has the secret comes so far.
      logger.warning("\(EnrolTexts.refused)", metadata: metadata)
    }
    let refusal = EnrolmentRefusal(code, reason)
    audit.note(
      Refusal(LinkError(refusal)), who: address.host,
      (identity.map { [JSONMember("identity", .string("\($0)"))] } ?? [])
        + [JSONMember("address", .string(address))]
        + (first.map { [JSONMember("firstAddress", .string($0.address))] } ?? []),
      isAlwaysTold: first != nil)
    return refusal
  }
}
