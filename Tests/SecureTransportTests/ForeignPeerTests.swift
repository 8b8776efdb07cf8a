import NIOCore
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Peers that are not ours: another TLS library, another protocol, noise.
@Suite struct ForeignPeerTests {
  let organisation: Organisation

  init() throws {
    organisation = try Organisation()
  }

  /// What the server says of `openssl s_client`, and what that prints.
  private func refusal(
    of arguments: [String], withCertificate: Bool = true
  ) async throws -> (code: TLSError.Code?, printed: String) {
    let folder = try TestFolder()
    try folder.write(organisation.field, named: "field", authority: organisation.authority)
    let certificate =
      withCertificate
      ? ["-cert", "\(folder.path)/field.pem", "-key", "\(folder.path)/field.key"] : []
    // If the server should let it in, the program must not wait for ever.
    let listener = try await LoopbackServer.start(organisation.server(), part: .leave)
    let printed = try await OpenSSLTool.client(port: listener.port, certificate + arguments)
    let outcome = await listener.nextOutcome()
    try await listener.stop()
    return (outcome?.code, printed)
  }

  @Test func clientWithoutCertificate() async throws {
    let (code, printed) = try await refusal(
      of: ["-tls1_3", "-alpn", "officesync/1"], withCertificate: false)
    #expect(code == .noCertificate)
    #expect(printed.contains("certificate required"))
  }

  @Test func clientOfTLS12() async throws {
    let (code, printed) = try await refusal(of: ["-tls1_2", "-alpn", "officesync/1"])
    #expect(code == .protocolVersion)
    #expect(printed.contains("alert protocol version"))
  }

  @Test func clientOfTLS12WithoutALPNIsToldAboutTheVersion() async throws {
    let (code, printed) = try await refusal(of: ["-tls1_2"])
    #expect(code == .protocolVersion)
    #expect(printed.contains("alert protocol version"))
  }

  @Test func clientWithoutALPN() async throws {
    let (code, printed) = try await refusal(of: ["-tls1_3"])
    #expect(code == .noApplicationProtocol)
    #expect(printed.contains("alert no application protocol"))
  }

  @Test func clientOfAnotherALPN() async throws {
    let (code, printed) = try await refusal(of: ["-tls1_3", "-alpn", "h2,http/1.1"])
    #expect(code == .noApplicationProtocol)
    #expect(printed.contains("alert no application protocol"))
  }

  @Test func clientWithFiniteFieldGroupsAlone() async throws {
    let (code, printed) = try await refusal(
      of: ["-tls1_3", "-alpn", "officesync/1", "-groups", "ffdhe2048"])
    #expect(code == .nothingShared)
    #expect(printed.contains("handshake failure"))
  }

  @Test func clientOfHTTP() async throws {
    let listener = try await LoopbackServer.start(organisation.server())
    let answer = try await dialPlainly(
      listener.port, sending: Array("GET / HTTP/1.1\r\nHost: rabat\r\n\r\n".utf8))
    let outcome = await listener.nextOutcome()
    try await listener.stop()
    #expect(outcome?.code == .notTLS)
    #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.0 400 Bad Request\r\n"))
  }

  @Test(arguments: ["hello\n", "\u{0}\u{0}\u{0}\u{5}hello", "\u{7f}"])
  func clientOfPlainText(_ text: String) async throws {
    let listener = try await LoopbackServer.start(organisation.server())
    let answer = try await dialPlainly(listener.port, sending: Array(text.utf8))
    let outcome = await listener.nextOutcome()
    try await listener.stop()
    #expect(outcome?.code == .notTLS)
    #expect(answer.isEmpty)
  }

  /// Begins like TLS, goes on as noise.
  enum Noise: CaseIterable, Sendable {
    case wrongVersion, unknownMessage, endlessRecord, strayAlert

    var bytes: [UInt8] {
      switch self {
      case .wrongVersion: Array(repeating: 0x16, count: 6)
      case .unknownMessage: [0x16, 3, 1, 0, 4, 9, 9, 9, 9]
      case .endlessRecord: [0x16, 3, 1, 0xff, 0xff] + Array(repeating: 0, count: 70_000)
      case .strayAlert: [0x15, 3, 3, 0, 2, 2, 40]
      }
    }
  }

  @Test(arguments: Noise.allCases)
  func clientOfNoise(_ noise: Noise) async throws {
    let listener = try await LoopbackServer.start(organisation.server())
    _ = try await dialPlainly(listener.port, sending: noise.bytes)
    let outcome = await listener.nextOutcome()
    // The listener is unharmed.
    let next = try await dial(listener.port, organisation.client())
    try await listener.stop()
    #expect(outcome?.peer == nil)
    #expect(outcome?.code != nil)
    #expect(next.errors.isEmpty)
    #expect(String(buffer: next.received) == "ping")
  }

  @Test func othersAreServedWhileOneMisbehaves() async throws {
    let listener = try await LoopbackServer.start(organisation.server())
    let client = try organisation.client()
    // One after another, while the noisy ones are still there.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for noise in Noise.allCases {
        group.addTask { _ = try await dialPlainly(listener.port, sending: noise.bytes) }
        group.addTask {
          let outcome = try await dial(listener.port, client)
          #expect(String(buffer: outcome.received) == "ping")
        }
      }
      try await group.waitForAll()
    }
    try await listener.stop()
  }

  @Test func serverOfTLS12() async throws {
    let client = try organisation.client()
    let outcome = try await OpenSSLTool.withServer(of: organisation, ["-tls1_2"]) {
      try await dial($0, client)
    }
    #expect(outcome.code == .refusedByPeer(.protocolVersion))
  }

  @Test func serverWithoutALPN() async throws {
    let client = try organisation.client()
    let outcome = try await OpenSSLTool.withServer(of: organisation, ["-tls1_3"]) {
      try await dial($0, client)
    }
    #expect(outcome.code == .noApplicationProtocol)
  }

  @Test func serverOfAnotherALPN() async throws {
    let client = try organisation.client()
    let outcome = try await OpenSSLTool.withServer(of: organisation, ["-tls1_3", "-alpn", "h2"]) {
      try await dial($0, client)
    }
    #expect(outcome.code == .refusedByPeer(.noApplicationProtocol))
  }
}
