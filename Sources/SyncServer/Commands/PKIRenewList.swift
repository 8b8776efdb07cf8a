import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

struct PKIRenewList: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew-list",
    abstract: "Write the revocation list anew, valid for another year.",
    discussion: """
      Do this before crl.pem ends: a list that ran out still counts for what it lists, and every office warns of it.

      Example: syncserver pki renew-list --dir authority
      """)

  @OptionGroup var authority: AuthorityOption
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let folder = try authority.opened(on: console)
    try folder.recording("pki renew-list", []) { try folder.renewRevocationList(at: Date()) }
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)),
        JSONMember("revocationList", .string(folder.revocationListPath)),
      ]))
    try console.print(PKITexts.wroteList(folder))
    console.next(NextSteps.spreadList(folder))
  }
}
