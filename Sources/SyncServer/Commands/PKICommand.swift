import ArgumentParser

struct PKICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pki",
    abstract: "Make and revoke the certificates of offices and field devices.",
    discussion: """
      One folder holds the organisation's certificate authority. Keep it on a machine that is not an office's server, \
      and back it up: whoever reads ca.key can pretend to be anybody.
      """,
    subcommands: [
      PKIInit.self, PKIIssue.self, PKIRevoke.self, PKIRenewList.self, PKIEnrolment.self,
    ])
}

/// The option that all of `pki` share.
struct AuthorityOption: ParsableArguments {
  @Option(
    name: .customLong("dir"),
    help: .init("The folder of the certificate authority.", valueName: "dir"))
  var path: String

  var folder: AuthorityFolder { AuthorityFolder(path: path) }
}

/// A hundred years: more is a slip of the finger.
func validateDays(_ days: Int) throws {
  guard (1...36_500).contains(days) else {
    throw ValidationError("--days must be between 1 and 36500.")
  }
}
