import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage

struct StatusCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what the office's store holds, and how far others have it.",
    discussion: """
      "Unsent" counts the office's own writes that no other office has confirmed.

      Example: syncserver status --json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let office = try OfficeStore(opening: store.folder(of: .server))
    let collections = try office.store.figures()
    let contacts = try office.store.contacts()
    let isRecovering = try office.store.isRecovering
    let settings = try? RunSettings(folder: office.folder, certificates: certificates)
    let end = settings.flatMap { try? CertificateFacts(of: .file(path: $0.network.certificate)) }
      .map { moment(UInt64(max(0, $0.notAfterSeconds)) * 1_000) }
    try console.document(
      .object([
        JSONMember("data", .string(office.folder.path)),
        JSONMember("replica", office.replica.json),
        JSONMember("recovering", .boolean(isRecovering)),
        JSONMember("collections", .array(collections.map(\.json))),
        JSONMember("peers", .array(contacts.map(\.json))),
        JSONMember(
          "certificate",
          end.map { .object([JSONMember("notAfter", .string($0))]) } ?? .null),
      ]))
    try console.print(OfficeTexts.store(office.folder))
    try console.print(OfficeTexts.identity(office.replica))
    if let former = OfficeTexts.former(office.replica) { try console.print(former) }
    try console.print(end.map(OfficeTexts.certificateEnds) ?? OfficeTexts.noCertificate)
    if isRecovering { try console.print(OfficeTexts.recovering(office.folder)) }
    if collections.isEmpty {
      try console.print(OfficeTexts.noCollections)
    } else {
      try list(collections, on: console)
    }
    try list(contacts, on: console)
  }

  private func list(_ collections: [CollectionFigures], on console: Console) throws {
    var table = console.table([
      Table.Column(OfficeTexts.columnCollection, isKept: true),
      Table.Column(OfficeTexts.columnRecords, alignment: .trailing),
      Table.Column(OfficeTexts.columnConflicts, alignment: .trailing),
      Table.Column(OfficeTexts.columnUnsent, alignment: .trailing),
      Table.Column(OfficeTexts.columnFingerprint),
    ])
    for collection in collections { try table.add(collection.row) }
    try table.finish()
  }

  private func list(_ contacts: [Contact], on console: Console) throws {
    var table = console.table([
      Table.Column(OfficeTexts.columnServer, isKept: true), Table.Column(OfficeTexts.columnWho),
      Table.Column(OfficeTexts.columnSeen), Table.Column(OfficeTexts.columnResult),
    ])
    for contact in contacts {
      try table.add([
        contact.server, contact.identity?.description ?? "",
        moment(contact.atMilliseconds), contact.result,
      ])
    }
    try table.finish()
  }
}

extension CollectionFigures {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("name", .string(name.text)), JSONMember("records", .number("\(records)")),
      JSONMember("conflicts", .number("\(conflicts)")), JSONMember("unsent", .number("\(unsent)")),
      JSONMember("refused", .number("\(refused)")), JSONMember("fingerprint", .string(fingerprint)),
      JSONMember(
        "knowledge",
        .object(
          knowledge.entries.map {
            JSONMember($0.replica.description, .number("\($0.counter)"))
          })),
    ])
  }

  fileprivate var row: [String] {
    let counts = [records, conflicts, unsent].map { Amounts.count(Int(clamping: $0)) }
    return [name.text] + counts + [fingerprint]
  }
}

extension Contact {
  fileprivate var json: JSONValue {
    .object([
      JSONMember("server", .string(server)),
      JSONMember("identity", identity.map { .string($0.description) } ?? .null),
      JSONMember("at", .string(moment(atMilliseconds))), JSONMember("result", .string(result)),
    ])
  }
}

/// A wall time as `2026-11-24T09:30:00.000Z`.
func moment(_ milliseconds: UInt64) -> String {
  Timestamp(HybridTime(milliseconds: milliseconds)).description
}
