import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport

/// The server's side of an enrolment: it says whom to trust, hears one application, and answers it.
struct EnrolmentReception: Sendable {
  let desk: any EnrolmentDesk

  /// - Throws: whatever broke the connection.
  func serve(_ connection: SecureConnection, _ stranger: TLSStranger, time: Duration) async throws {
    let desk = desk
    try await EnrolmentLink.run(on: connection, time: time) { link in
      let authorities = try await NIOThreadPool.store.runIfActive { try desk.authorities() }
      try await link.send(.authorities(authorities))
      let answer: EnrolmentMessage
      do {
        answer = try await self.answer(to: try await link.receive(), stranger, connection)
      } catch let error as CodecError {
        answer = .refused(EnrolmentRefusal(.protocolViolation, "malformed: \(error)"))
      } catch let error as FrameError {
        answer = .refused(EnrolmentRefusal(.protocolViolation, "no frame: \(error)"))
      }
      try await link.send(answer)
      // What is wrong with a token the desk has logged.
      if case .refused(let refusal) = answer, refusal.code == .protocolViolation { throw refusal }
    }
  }

  private func answer(
    to message: EnrolmentMessage, _ stranger: TLSStranger, _ connection: SecureConnection
  ) async throws -> EnrolmentMessage {
    let (desk, address, shown) = (desk, connection.remoteAddress, stranger.certificateDER)
    switch message {
    case .application(let application):
      return try await NIOThreadPool.store.runIfActive {
        desk.answer(application, certificateDER: shown, from: address)
      }
    case .renewal(let software):
      let identity: Identity
      do {
        identity = try Identity(uri: try await connection.verifyPeerAgain().uri)
      } catch {
        return .refused(EnrolmentRefusal(.notTrusted, LinkError(error).message))
      }
      return try await NIOThreadPool.store.runIfActive {
        desk.renew(identity, software: software, certificateDER: shown, from: address)
      }
    case .authorities, .issued, .refused:
      return .refused(EnrolmentRefusal(.protocolViolation, "an application was expected"))
    }
  }
}
