import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct PKIRevoke: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Put every usable certificate of an identity on the revocation list.",
    discussion: """
      Rewrites crl.pem, valid for a year.

      Example: syncserver pki revoke --dir authority field/amina
      """)

  @OptionGroup var authority: AuthorityOption
  @OptionGroup var output: OutputOptions

  @Argument(help: "office/NAME or field/NAME.")
  var identity: String

  func run(console: Console) throws {
    let identity = try Identity(argument: identity)
    let folder = try authority.opened(on: console)
    let whose = [JSONMember("identity", .string(identity.description))]
    let count = try folder.recording("pki revoke", whose) {
      try folder.revoke(identity, at: Date())
    }
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)),
        JSONMember("identity", .string(identity.description)),
        JSONMember("revoked", .number(String(count))),
        JSONMember("revocationList", .string(folder.revocationListPath)),
      ]))
    try console.print(PKITexts.revoked(count, of: identity))
    try console.print(PKITexts.wroteList(folder))
    console.next(NextSteps.spreadList(folder))
  }
}
