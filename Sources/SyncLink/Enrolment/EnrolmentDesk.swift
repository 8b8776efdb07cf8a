import OfficeSyncProtocol
import OfficeSyncRecords

/// Who gives devices that are not known yet their first certificate. Every call may block.
public protocol EnrolmentDesk: Sendable {
  /// The certificates that a device is to trust, in DER.
  func authorities() throws -> [[UInt8]]

  /// Answers a device that shows a token.
  ///
  /// - Parameters:
  ///   - certificateDER: what it showed, with the key that it holds. Nothing else in it is to be believed.
  ///   - address: where it is, for the log.
  func answer(
    _ application: EnrolmentMessage.Application, certificateDER: [UInt8], from address: String
  ) -> EnrolmentMessage

  /// Answers a device that wants its certificate renewed.
  ///
  /// - Parameters:
  ///   - identity: whose it is, verified.
  ///   - software: name and version of its program.
  ///   - certificateDER: the certificate, verified.
  func renew(
    _ identity: Identity, software: String, certificateDER: [UInt8], from address: String
  ) -> EnrolmentMessage
}
