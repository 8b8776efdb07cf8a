import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncSecureTransport

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

  @Option(
    help: .init(
      """
      The file whose first line is the passphrase of the authority's key; with - standard input. Default: a key that is \
      protected is asked for on a terminal.
      """, valueName: "file"),
    completion: .file())
  var passphraseFile: String?

  /// An authority that is there.
  ///
  /// - Throws: `CancellationError` while somebody is asked for the passphrase.
  func opened(on console: Console) throws -> AuthorityFolder {
    let folder = AuthorityFolder(path: path)
    let source = try PassphraseSource(option: passphraseFile)
      .asked(toOpen: [folder.keyPath], on: console)
    return AuthorityFolder(path: path, passphrase: source.passphrase)
  }

  /// One that is about to be made.
  ///
  /// - Throws: `CommandError` `passphrase-differs` (65), `passphrase-needed` (77); `CancellationError`
  func new(on console: Console) throws -> AuthorityFolder {
    let folder = AuthorityFolder(path: path)
    let passphrase = try PassphraseSource(option: passphraseFile)
      .protection(for: folder.keyPath, on: console)
    return AuthorityFolder(path: path, passphrase: passphrase)
  }
}

/// The option of what makes a key besides the authority's.
struct NewKeyOption: ParsableArguments {
  @Option(
    name: .customLong("out-passphrase-file"),
    help: .init(
      "Protect the new key with the passphrase in this file's first line; with - ask for it.",
      valueName: "file"),
    completion: .file())
  var passphraseFile: String?

  /// - Parameter key: where it is going to lie.
  /// - Throws: `CommandError` `passphrase-differs` (65), `passphrase-needed` (77); `CancellationError`
  func protection(for key: String, on console: Console) throws -> Passphrase? {
    try PassphraseSource(option: passphraseFile).protection(for: key, on: console)
  }
}

/// A hundred years: more is a slip of the finger.
func validateDays(_ days: Int) throws {
  guard (1...36_500).contains(days) else {
    throw ValidationError("--days must be between 1 and 36500.")
  }
}
