import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct InitCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make the store of an office.",
    discussion: """
      The office is called office/NAME. Every office may read and write all its collections; field devices get \
      access with `syncserver access grant`. The options are kept in the store's config.toml.

      Example: syncserver init --name rabat --cert office-rabat.pem --key office-rabat.key --ca authority/ca.pem
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The office's name: a-z, 0-9 and '-'.")
  var name: String

  @Option(
    name: .customLong("listen"),
    help: .init("Where `run` is to listen; may be repeated.", valueName: "host:port"))
  var listen: [String] = []

  func run(console: Console) throws {
    let options = store
    let folder = options.folder(of: .server)
    let replica = try replica()
    guard !SQLiteStore.exists(inFolder: folder.path) else {
      throw StorageError.exists(path: folder.database)
    }
    var configuration = try StoreConfiguration(readingFrom: folder)
    try configuration.take(certificates: certificates)
    if !listen.isEmpty { configuration.listen = try [NetworkAddress](listening: listen) }
    let settings = try NetworkSettings(
      certificates: certificates, folder: folder, file: configuration)

    try SecureFile.createFolder(folder.path)
    let who = [JSONMember("identity", .string(replica.identity.description))]
    try AuditLog(of: folder).recording(AuditAct("init", who), at: wallMilliseconds()) {
      let store = try SQLiteStore.create(folder: folder.path, replica: replica)
      try store.grant(
        Grant(subject: .everyone(.office), scope: .allCollections, access: .write),
        wallMilliseconds: wallMilliseconds())
    }
    try configuration.write(to: folder)

    try console.document(
      .object([
        JSONMember("ok", .boolean(true)), JSONMember("data", .string(folder.path)),
        JSONMember("replica", replica.json),
      ]))
    try console.print(OfficeTexts.made(replica, in: folder))
    try console.print(OfficeTexts.replicaID(replica))
    let hasCertificate = FileManager.default.fileExists(atPath: settings.certificate)
    console.next(
      hasCertificate
        ? NextSteps.run(options, listens: !configuration.listen.isEmpty)
          + [NextSteps.makeEnrolment(replica.identity, folder)]
        : NextSteps.certify(replica, settings, options))
  }

  private func replica() throws -> ReplicaInfo {
    var generator = SystemRandomNumberGenerator()
    do {
      return ReplicaInfo(
        id: ReplicaID.random(using: &generator), name: name,
        identity: try Identity(role: .office, name: name))
    } catch {
      throw CommandError.badOfficeName(name, error)
    }
  }
}

extension ReplicaInfo {
  /// As `status` and `init` show it.
  var json: JSONValue {
    .object([
      JSONMember("id", .string(id.description)), JSONMember("name", .string(name)),
      JSONMember("identity", .string(identity.description)),
      JSONMember("former", .array(formerIDs.map { .string($0.description) })),
    ])
  }
}
