import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct PKIEnrolment: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "enrolment",
    abstract: "Make the authority with which an office enrols field devices.",
    discussion: """
      It lies below the organisation's authority, which may stay off the network, and can certify field devices alone. Its \
      folder belongs into the office's store, as `enrolment`. `pki revoke --dir FOLDER field/NAME` takes one of its \
      devices out; `pki revoke --dir DIR office/NAME` all of them, with the office.

      Example: syncserver pki enrolment --dir authority office/rabat --out /var/lib/officesync/enrolment
      """)

  @OptionGroup var authority: AuthorityOption
  @OptionGroup var newKey: NewKeyOption
  @OptionGroup var output: OutputOptions

  @Argument(help: "The office whose server is to hold it: office/NAME.")
  var identity: String

  @Option(help: .init("The folder to make.", valueName: "folder"), completion: .directory)
  var out: String

  @Option(help: "How long it lasts, in days.")
  var days = 730

  @Flag(help: "Replace files that are there.")
  var force = false

  func validate() throws { try validateDays(days) }

  func run(console: Console) throws {
    let identity = try Identity(argument: identity)
    let authority = try authority.opened(on: console)
    var folder = AuthorityFolder(path: out)
    folder.passphrase = try newKey.protection(for: folder.keyPath, on: console)
    var generator = SystemRandomNumberGenerator()
    let whose = [JSONMember("identity", .string(identity.description))]
    let end = try folder.recording("pki enrolment", whose) {
      try authority.createEnrolment(
        for: identity, in: folder, days: days, force: force, at: Date(), using: &generator)
    }
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)),
        JSONMember("office", .string(identity.description)),
        JSONMember("folder", .string(folder.path)),
        JSONMember("notAfter", .string(end.formatted(.iso8601))),
      ]))
    try console.print(PKITexts.madeEnrolment(folder, for: identity, until: end))
    try console.print(PKITexts.enrolsDevices(folder))
    console.next(NextSteps.holdEnrolment(folder))
  }
}
