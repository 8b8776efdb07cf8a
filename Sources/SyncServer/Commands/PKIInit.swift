import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct PKIInit: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a certificate authority: ca.key, ca.pem and an empty crl.pem.",
    usage:
      "syncserver pki init --dir DIR --organisation NAME [--days N] [--passphrase-file FILE] [--force]",
    discussion: """
      With --passphrase-file ca.key is protected: every command that signs with it needs the passphrase.

      Example: syncserver pki init --dir authority --organisation "Regional Investment Offices"
      Example: syncserver pki init --dir authority --organisation "Regional Investment Offices" --passphrase-file -
      """)

  @OptionGroup var authority: AuthorityOption
  @OptionGroup var output: OutputOptions

  @Option(help: "The organisation's name, as it is to stand in every certificate.")
  var organisation: String

  @Option(help: "How long the authority lasts, in days.")
  var days = 3650

  @Flag(help: "Replace an authority that is there: its certificates stop working.")
  var force = false

  func validate() throws {
    try validateDays(days)
  }

  func run(console: Console) throws {
    let folder = try authority.new(on: console)
    var generator = SystemRandomNumberGenerator()
    try folder.create(
      organisation: organisation, days: days, force: force, at: Date(), using: &generator)
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)),
        JSONMember("certificate", .string(folder.certificatePath)),
        JSONMember("key", .string(folder.keyPath)),
        JSONMember("revocationList", .string(folder.revocationListPath)),
      ]))
    try console.print(PKITexts.made(folder, for: organisation))
    console.note(PKITexts.keepSecret(folder))
    console.next(NextSteps.issue(folder))
  }
}
