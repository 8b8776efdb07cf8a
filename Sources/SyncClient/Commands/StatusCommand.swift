import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage

struct StatusCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show where the store is, what waits to be sent or settled, and the last contacts.",
    discussion: "Example: syncclient status")

  @OptionGroup var store: StoreOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let open = try OpenStore(store)
    let settings = try NetworkSettings(
      certificates: certificates, folder: open.folder,
      file: StoreConfiguration(readingFrom: open.folder))
    let certificate = try? CertificateFacts(of: .file(path: settings.certificate))
    let summaries = try open.store.collections().map { name in
      try CollectionSummary(open.store.snapshot(of: name))
    }
    let wall = OpenStore.wallMilliseconds
    let waits = try summaries.compactMap { summary in
      try open.store.snapshot(of: summary.name)
        .unsentTime(aheadOf: wall).map { (summary.name, $0) }
    }
    let contacts = try open.store.contacts()
    try console.document(document(open, summaries, waits, contacts, certificate))
    try console.print(Texts.storeIsAt(open.folder.path))
    try console.print(Texts.replicaIs(open.replica))
    if let certificate {
      try console.print(Texts.certificateEnds(certificate.notAfterText))
    } else {
      try console.print(Texts.noCertificate(settings.certificate))
    }
    try console.print(settings.server.map(Texts.serverIs) ?? Texts.noServerNamed)
    try printed(summaries, console)
    for (name, time) in waits {
      try console.print(Texts.timesToCome(name, time, HybridTime(milliseconds: wall)))
    }
    try printed(contacts, console)
  }

  private func printed(_ summaries: [CollectionSummary], _ console: Console) throws {
    if summaries.isEmpty { return try console.print(Texts.noCollections) }
    try console.print("")
    var table = CollectionTable(console)
    for summary in summaries { try table.add(summary) }
    try table.finish()
    for summary in summaries {
      for refusal in summary.refusals {
        try console.print(Texts.refusal(refusal.id, summary.name, refusal.reason))
      }
    }
  }

  private func printed(_ contacts: [Contact], _ console: Console) throws {
    if contacts.isEmpty { return }
    try console.print("")
    var table = console.table([
      Table.Column(Texts.server, isKept: true), Table.Column(Texts.office),
      Table.Column(Texts.lastContact), Table.Column(Texts.result),
    ])
    for contact in contacts {
      try table.add([
        contact.server, contact.identity?.description ?? "", contact.time, contact.result,
      ])
    }
    try table.finish()
  }

  private func document(
    _ open: OpenStore, _ summaries: [CollectionSummary], _ waits: [(CollectionName, HybridTime)],
    _ contacts: [Contact], _ certificate: CertificateFacts?
  ) -> JSONValue {
    .object([
      JSONMember("data", .string(open.folder.path)),
      JSONMember("replica", open.replica.json),
      JSONMember("collections", .array(summaries.map { .object($0.allMembers) })),
      JSONMember(
        "timesToCome",
        .array(
          waits.map { name, time in
            .object([
              JSONMember("collection", .string(name.text)),
              JSONMember("latest", .string(Timestamp(time).description)),
            ])
          })),
      JSONMember("peers", .array(contacts.map(\.json))),
      JSONMember(
        "certificate",
        certificate.map { .object([JSONMember("notAfter", .string($0.notAfterText))]) } ?? .null),
    ])
  }
}

extension ReplicaInfo {
  var json: JSONValue {
    .object([
      JSONMember("id", .string(id.description)), JSONMember("name", .string(name)),
      JSONMember("identity", .string(identity.description)),
      JSONMember("former", .array(formerIDs.map { .string($0.description) })),
    ])
  }
}

extension Contact {
  fileprivate var time: String {
    Timestamp(HybridTime(milliseconds: atMilliseconds)).description
  }

  fileprivate var json: JSONValue {
    .object([
      JSONMember("server", .string(server)),
      JSONMember("identity", identity.map { .string($0.description) } ?? .null),
      JSONMember("at", .string(time)), JSONMember("result", .string(result)),
    ])
  }
}

extension CertificateFacts {
  /// The end as a timestamp; certificates that end before 1970 have ended.
  var notAfterText: String {
    Timestamp(HybridTime(milliseconds: UInt64(max(0, notAfterSeconds)) * 1_000)).description
  }
}
