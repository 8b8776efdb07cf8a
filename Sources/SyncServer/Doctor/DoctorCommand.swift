import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct DoctorCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examine the office: what is wrong, or soon will be, and what to do about it.",
    discussion: """
      Looks at certificates and the revocation list, the clock, the disk, the database, who may get at the files, where \
      the server listens, the other offices, and whether a recovery is still open. It changes nothing, and may run beside \
      the server. The exit code is 1 if there is anything to do.

      Example: syncserver doctor --findings
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Leave out what is well: cron sends a mail when there is something to do.")
  var findings = false

  func run(console: Console) throws {
    let folder = store.folder(of: .server)
    try folder.requireStore(make: NextSteps.make(folder).description)
    let all = try Examination(
      folder: folder, certificates: certificates,
      passphrase: try? RunSettings.askedPassphrase(
        folder: folder, certificates: certificates, on: console),
      now: wallMilliseconds()
    ).findings()
    let isWell = all.allSatisfy { $0.grade == .ok }
    let told = findings ? all.filter { $0.grade != .ok } : all
    try console.document(
      .object([
        JSONMember("ok", .boolean(isWell)), JSONMember("checks", .array(told.map(\.json))),
      ]))
    for finding in told { try console.print(DoctorTexts.line(finding)) }
    if !isWell { throw ExitStatus.no }
  }
}
