import ArgumentParser
import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncSyncLink

struct EnrolCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "enrol",
    abstract: "Make this a device of the organisation, with a token from an office.",
    discussion: """
      Makes the key here, has it certified by the office, and makes the store if there is none: then everything is ready \
      to pull. On a store that is there it gets a new certificate, and keeps the records. If the link breaks, the same \
      command with the same token goes on. With - the token is read from standard input. With \
      --passphrase-file the key is protected with a passphrase.

      Example: syncclient enrol officesync1-AAthbWluYQ...
      """)

  @Argument(help: "What `syncserver enrol` printed, or - for standard input.")
  var token: String

  @Option(help: "The number that belongs to it, if the office told you one.")
  var pin: String?

  @OptionGroup var server: ServerOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var patience: WaitOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if token == "-" && certificates.passphraseFile == "-" {
      throw ValidationError("Standard input holds either the token or the passphrase.")
    }
  }

  func run(console: Console) async throws {
    let token = try read()
    let folder = store.folder(of: .client)
    let hasStore = SQLiteStore.exists(inFolder: folder.path)
    if hasStore { try checkStore(at: folder, is: token.identity) }
    let pin = try number(for: token, console)
    try SecureFile.createFolder(folder.path)
    var configuration = try StoreConfiguration(readingFrom: folder)
    let settings = try NetworkSettings(
      certificates: certificates, patience: patience, folder: folder, file: configuration)
    try configuration.take(certificates: certificates)
    configuration.server = try address(of: token)
    let passphrase = try settings.passphrase.protection(for: settings.key, on: console)

    let credentials = try await RunLock.with(folder.lock, wait: settings.wait) {
      let key = try PendingKey(in: folder, protectedWith: passphrase)
      let credentials = try await enrol(token, pin, key, settings)
      // The key last: whatever is missing after a crash, the same command finds the same key and gets the rest.
      try SecureFile.replace(
        settings.authority, with: credentials.authoritiesPEM, mode: SecureFile.worldReadable)
      try SecureFile.replace(
        settings.certificate, with: credentials.certificatePEM, mode: SecureFile.worldReadable)
      try SecureFile.replace(settings.key, with: key.fileText())
      try configuration.write(to: folder)
      if !hasStore { try makeStore(for: token.identity, at: folder) }
      key.forget()
      return credentials
    }
    try report(token, credentials, folder, console)
  }

  /// - Throws: `CommandError` `bad-token` (65)
  private func read() throws -> EnrolmentToken {
    let text = try token == "-" ? pasted() : token
    do throws(EnrolmentTokenError) { return try EnrolmentToken(parsing: text) } catch {
      throw CommandError.badToken(error)
    }
  }

  /// The line of standard input that is a token, whatever stands around it; all of it if none is.
  private func pasted() throws -> String {
    let bytes = try FileHandle.standardInput.read(upToCount: 16 * EnrolmentToken.textBytesMax)
    let text = String(decoding: bytes ?? Data(), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    return lines.first { $0.hasPrefix(EnrolmentToken.prefix) } ?? text
  }

  private func checkStore(at folder: StoreFolder, is identity: Identity) throws {
    let own = try OpenStore(store).replica.identity
    if own != identity { throw CommandError.otherDevice(identity, not: own, at: folder.path) }
  }

  private func number(for token: EnrolmentToken, _ console: Console) throws -> String {
    if let pin { return pin }
    guard token.asksForPIN else { return "" }
    guard let answer = try console.ask(EnrolTexts.askPIN) else { throw CommandError.pinNeeded }
    return answer.filter { !$0.isWhitespace }
  }

  /// What the token says, unless somebody knows better.
  private func address(of token: EnrolmentToken) throws -> NetworkAddress {
    if let text = server.server { return try NetworkAddress(parsing: text, from: "--server") }
    return NetworkAddress(host: token.host, port: token.port)
  }

  private func enrol(
    _ token: EnrolmentToken, _ pin: String, _ key: PendingKey, _ settings: NetworkSettings
  ) async throws -> Enroller.Credentials {
    let address = try address(of: token)
    let certificate = try key.certificate(for: token.identity, at: Date())
    let enroller = Enroller(
      token: token, pin: pin, software: "syncclient/\(productVersion)")
    do throws(LinkError) {
      return try await enroller.enrol(
        at: (address.host, address.port),
        certificatePEM: certificate, keyPEM: key.pem, time: settings.timeout)
    } catch {
      throw CommandError(error, at: address.description)
    }
  }

  private func makeStore(for identity: Identity, at folder: StoreFolder) throws {
    var generator = SystemRandomNumberGenerator()
    _ = try SQLiteStore.create(
      folder: folder.path,
      replica: ReplicaInfo(
        id: .random(using: &generator), name: identity.name, identity: identity))
  }

  private func report(
    _ token: EnrolmentToken, _ credentials: Enroller.Credentials, _ folder: StoreFolder,
    _ console: Console
  ) throws {
    let address = try address(of: token)
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("data", .string(folder.path)),
        JSONMember("identity", .string(token.identity.description)),
        JSONMember("office", .string(credentials.office.description)),
        JSONMember("server", .string(address.description)),
        JSONMember("access", .array(credentials.access.map(\.json))),
      ]))
    try console.print(EnrolTexts.enrolled(token.identity, by: credentials.office))
    for access in credentials.access { try console.print(EnrolTexts.access(access)) }
    if credentials.access.isEmpty { try console.print(EnrolTexts.noAccess) }
    console.next([NextSteps(store, isConfigured: true).firstPull])
  }
}

extension EnrolmentMessage.Access {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("collection", .string(collection.text)),
      JSONMember("read", .boolean(directions.contains(.pull))),
      JSONMember("write", .boolean(directions.contains(.push))),
    ])
  }
}
