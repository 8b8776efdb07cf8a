import ArgumentParser
import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage

struct InitCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make the store of a field device, and the request for its certificate.",
    discussion: """
      Writes DIR/identity.key and DIR/request.csr, unless --key names a key that is there already. Whoever runs the \
      authority answers the request with a certificate; the key never leaves the device. With --passphrase-file \
      the key is protected.

      Example: syncclient init --name amina --server rabat.example.ma
      """)

  @Option(help: "The device's name: a-z, 0-9 and '-'. Its identity is field/NAME.")
  var name: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var server: ServerOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let identity = try identity()
    let folder = store.folder(of: .client)
    if SQLiteStore.exists(inFolder: folder.path) {
      throw CommandError(StorageError.exists(path: folder.database))
    }
    var configuration = try StoreConfiguration(readingFrom: folder)
    try configuration.take(server: server, certificates: certificates)
    let request = configuration.key == nil ? try SigningRequest(for: identity) : nil
    let settings = try NetworkSettings(
      certificates: certificates, folder: folder, file: configuration)
    let passphrase =
      request == nil ? nil : try settings.passphrase.protection(for: folder.key, on: console)
    try SecureFile.createFolder(folder.path)
    if let request { try write(request, to: folder, protectedWith: passphrase) }
    var generator = SystemRandomNumberGenerator()
    let replica = ReplicaInfo(
      id: .random(using: &generator), name: identity.name, identity: identity)
    do {
      try configuration.write(to: folder)
      _ = try SQLiteStore.create(folder: folder.path, replica: replica)
    } catch {
      // So that the same command can be run again.
      if request != nil { for file in [folder.key, folder.request] { unlink(file) } }
      throw error
    }
    try report(replica, folder, configuration, hasRequest: request != nil, console)
  }

  /// - Throws: `CommandError` `bad-name`, `not-a-device` (65)
  private func identity() throws -> Identity {
    do {
      let identity = try name.contains("/") ? Identity(name) : Identity(role: .field, name: name)
      if identity.role != .field { throw CommandError.notADevice(identity) }
      return identity
    } catch let error as NameError {
      throw CommandError.badName(name, error)
    }
  }

  private func write(
    _ request: SigningRequest, to folder: StoreFolder, protectedWith passphrase: Passphrase?
  ) throws {
    for file in [folder.key, folder.request] where FileManager.default.fileExists(atPath: file) {
      throw CommandError.keyInTheWay(file)
    }
    try SecureFile.create(
      folder.key, with: KeyPEM.protected(request.privateKeyPEM, with: passphrase))
    do {
      try SecureFile.create(
        folder.request, with: request.requestPEM.utf8, mode: SecureFile.worldReadable)
    } catch {
      unlink(folder.key)
      throw error
    }
  }

  private func report(
    _ replica: ReplicaInfo, _ folder: StoreFolder, _ configuration: StoreConfiguration,
    hasRequest: Bool, _ console: Console
  ) throws {
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("data", .string(folder.path)),
        JSONMember("replica", replica.json),
        JSONMember("request", hasRequest ? .string(folder.request) : .null),
      ]))
    try console.print(Texts.madeStore(replica, folder))
    let next = try NextSteps(store, isConfigured: configuration.server() != nil)
    console.next(hasRequest ? next.certify(replica.identity, folder) : [next.firstPull])
  }
}
