import Foundation
import OfficeSyncCommandSupport
import OfficeSyncSecureTransport
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// The key of an enrolment that is under way.
@Suite struct PendingKeyTests {
  private let temporary: TestFolder
  private let folder: StoreFolder

  init() throws {
    temporary = try TestFolder()
    folder = StoreFolder(path: temporary.path)
  }

  private func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func itIsItsOwnersAloneAndTakenUpAgain() throws {
    let first = try PendingKey(in: folder, protectedWith: nil)
    #expect(try mode(of: first.path) == 0o600)
    #expect(try PendingKey(in: folder, protectedWith: nil).pem == first.pem)
    first.forget()
    #expect(try PendingKey(in: folder, protectedWith: nil).pem != first.pem)
  }

  @Test func aProtectedOneIsTakenUpWithItsPassphraseAlone() throws {
    let passphrase = Passphrase.typed(Array("horse".utf8))
    let first = try PendingKey(in: folder, protectedWith: passphrase)
    #expect(KeyPEM.isProtected(.file(path: first.path)))
    #expect(!KeyPEM.isProtected(.bytes(first.pem)))
    #expect(KeyPEM.isProtected(.bytes(try first.fileText())))
    #expect(try PendingKey(in: folder, protectedWith: passphrase).pem == first.pem)
    for (other, code) in [
      (Passphrase.typed(Array("cart".utf8)), TLSError.Code.passphraseWrong), (nil, .keyLocked),
    ] {
      #expect(throws: TLSError(code, "")) { try PendingKey(in: folder, protectedWith: other) }
    }
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o660])
  func oneThatOthersCanReadIsRefusedAndNotReplaced(_ mode: Int) throws {
    let first = try PendingKey(in: folder, protectedWith: nil)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: first.path)
    let error = #expect(throws: CommandError.self) {
      try PendingKey(in: folder, protectedWith: nil)
    }
    #expect(error?.name == "key-readable-by-others")
    #expect(error?.status == .notAllowed)
    #expect(try Data(contentsOf: URL(filePath: first.path)) == Data(first.pem))
  }
}
