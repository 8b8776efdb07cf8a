import Foundation
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncSecureTransport

/// Keys that take a passphrase to open.
@Suite struct PassphraseTests {
  private static let secret = "correct horse, بطارية"
  private let organisation: Organisation
  private let folder: TestFolder
  private let configuration: TLSConfiguration

  init() throws {
    organisation = try Organisation()
    folder = try TestFolder()
    configuration = try organisation.officeConfiguration(in: folder)
  }

  private var clear: [UInt8] { Array(organisation.office.keyPEM.utf8) }

  private func typed(_ text: String = secret) -> Passphrase { .typed(Array(text.utf8)) }

  private func file(_ text: String, mode: Int = 0o600) throws -> Passphrase {
    .file(path: try folder.write(text, to: "passphrase", mode: mode))
  }

  private func openssl(_ arguments: String...) throws {
    #expect(try ChildProcess.run(["openssl"] + arguments, in: folder.path).status == 0)
  }

  private func context(_ passphrase: Passphrase?) throws(TLSError) -> TLSContext {
    var configuration = configuration
    configuration.passphrase = passphrase
    return try TLSContext(configuration)
  }

  private func expect(_ code: TLSError.Code, _ passphrase: Passphrase?) -> TLSError? {
    #expect(throws: TLSError(code, "")) { try context(passphrase) }
  }

  /// OpenSSL writes what we read, in both of its forms.
  @Test(arguments: [
    ["pkcs8", "-topk8", "-v2", "aes-256-cbc"], ["pkcs8", "-topk8", "-scrypt"], ["ec", "-aes128"],
  ])
  func aKeyThatOpenSSLProtectedIsOpened(_ command: [String]) throws {
    let sealed = try folder.write("", to: "sealed", mode: 0o600)
    let run = try ChildProcess.run(
      ["openssl"] + command
        + ["-in", "office.key", "-out", sealed, "-passout", "pass:\(Self.secret)"],
      in: folder.path)
    #expect(run.status == 0, "\(run.errorText)")
    try FileManager.default.removeItem(atPath: "\(folder.path)/office.key")
    try FileManager.default.moveItem(atPath: sealed, toPath: "\(folder.path)/office.key")
    #expect(try context(typed()).isKeyProtected)
    #expect(expect(.keyLocked, nil)?.reason.contains("\(folder.path)/office.key") == true)
    _ = expect(.passphraseWrong, typed("wrong"))
  }

  /// And reads what we write: not the same text twice, for the salt.
  @Test func openSSLOpensWhatWeProtect() throws {
    let one = try KeyPEM.protected(clear, with: typed())
    #expect(try KeyPEM.protected(clear, with: typed()) != one)
    #expect(one.starts(with: "-----BEGIN ENCRYPTED PRIVATE KEY-----\n".utf8))
    try folder.write(String(decoding: one, as: UTF8.self), to: "sealed", mode: 0o600)
    try openssl("pkcs8", "-in", "sealed", "-passin", "pass:\(Self.secret)", "-out", "opened")
    let opened = try String(contentsOfFile: "\(folder.path)/opened", encoding: .utf8)
    #expect(Array(opened.utf8) == (try KeyPEM.opened(one, with: typed(), called: "it")))
    // PBES2 with PBKDF2, 600,000 times HMAC-SHA-256, and AES-256.
    let parsed = try ChildProcess.run(["openssl", "asn1parse", "-in", "sealed"], in: folder.path)
    for part in ["PBES2", "PBKDF2", ":0927C0", "hmacWithSHA256", "aes-256-cbc"] {
      #expect(parsed.text.contains(part), "\(parsed.text)")
    }
  }

  @Test func aKeyInTheClearStaysAsItIs() throws {
    #expect(try KeyPEM.opened(clear, with: typed(), called: "it") == clear)
    #expect(!KeyPEM.isProtected(.bytes(clear)))
    #expect(!KeyPEM.isProtected(.bytes([])))
    #expect(!KeyPEM.isProtected(.file(path: "\(folder.path)/nothing")))
    #expect(try !context(typed()).isKeyProtected)
  }

  /// Files of OpenSSL before 1.0 say it in a header.
  @Test func aKeyOfTheOldFormIsKnownToBeProtected() throws {
    try folder.write(String(decoding: clear, as: UTF8.self), to: "clear", mode: 0o600)
    try openssl("ec", "-in", "clear", "-aes128", "-passout", "pass:\(Self.secret)", "-out", "old")
    let old = try Array(String(contentsOfFile: "\(folder.path)/old", encoding: .utf8).utf8)
    #expect(old.starts(with: "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n".utf8))
    #expect(KeyPEM.isProtected(.bytes(old)))
    #expect(KeyPEM.isProtected(.bytes(Array("issued to Karim\r\n\r\n".utf8) + old)))
    let opened = try KeyPEM.opened(old, with: typed(), called: "it")
    #expect(!KeyPEM.isProtected(.bytes(opened)))
  }

  @Test func theFirstLineOfAFileIsThePassphrase() throws {
    try folder.write(
      String(decoding: KeyPEM.protected(clear, with: typed()), as: UTF8.self), to: "office.key",
      mode: 0o600)
    for text in [Self.secret, Self.secret + "\n", Self.secret + "\r\nmore\n"] {
      _ = try context(try file(text))
    }
    _ = expect(.passphraseWrong, try file(Self.secret + " \n"))
    for text in ["", "\n", "\n\(Self.secret)\n", String(repeating: "x", count: 1_025)] {
      _ = expect(.passphraseUnreadable, try file(text))
    }
    _ = expect(.passphraseUnreadable, .file(path: "\(folder.path)/nothing"))
    for mode in [0o640, 0o604, 0o644] {
      _ = expect(.keyExposed, try file(Self.secret, mode: mode))
    }
    _ = try context(try file(Self.secret, mode: 0o400))
  }

  /// Opening takes long on purpose; who connects again and again does it once. What has to be right is looked at each time.
  @Test func aKeyIsOpenedOnce() throws {
    let pem = try KeyPEM.protected(clear, with: typed())
    try folder.write(String(decoding: pem, as: UTF8.self), to: "office.key")
    func isKept(_ text: String) throws -> Bool {
      try OpenedKeys.shared.with(pem: pem, passphrase: Array(text.utf8)) { _ in true } ?? false
    }
    #expect(try !isKept(Self.secret))
    for _ in 0..<2 {
      #expect(try context(typed()).isKeyProtected)
      #expect(try isKept(Self.secret))
      _ = expect(.passphraseWrong, typed("wrong"))
      _ = expect(.keyLocked, nil)
      #expect(try !isKept("wrong"))
    }
    try folder.write(organisation.office.keyPEM, to: "office.key")
    #expect(try !context(typed()).isKeyProtected)
  }

  @Test func fewOpenedKeysAreKept() throws {
    let keys = OpenedKeys()
    try PEMReader.withPrivateKey(in: clear, passphrase: nil) { key, _ in
      for number in 0..<UInt8(10) { keys.add(key, pem: clear, passphrase: [number]) }
    }
    let kept = try (0..<UInt8(10)).filter { number in
      try keys.with(pem: clear, passphrase: [number]) { _ in true } ?? false
    }
    #expect(kept == [6, 7, 8, 9])
  }

  @Test func theLongestPassphrase() throws {
    let longest = typed(String(repeating: "x", count: TLSLimits.passphraseBytesMax))
    let sealed = try KeyPEM.protected(clear, with: longest)
    #expect(try KeyPEM.opened(sealed, with: longest, called: "it").isEmpty == false)
  }

  @Test func itShowsInNoText() throws {
    for text in [
      "\(typed())", String(reflecting: typed()), "\([typed()])", String(describing: configuration),
      String(describing: Optional(typed())),
    ] { #expect(!text.contains("horse") && !text.contains("99, 111"), "\(text)") }
    var dumped = ""
    dump(typed(), to: &dumped)
    #expect(!dumped.contains("99") && !dumped.contains("horse"), "\(dumped)")
    let error = #expect(throws: TLSError(.passphraseUnreadable, "")) {
      try KeyPEM.protected(clear, with: typed(""))
    }
    #expect(error?.reason == "the passphrase is empty")
  }
}
