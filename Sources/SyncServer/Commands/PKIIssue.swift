import ArgumentParser
import Crypto
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import SwiftASN1
import X509

struct PKIIssue: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue",
    abstract: "Make a certificate for an office or a field device.",
    usage: """
      syncserver pki issue --dir DIR IDENTITY [--host NAME-OR-ADDRESS ...] [--out PREFIX] [--days N] [--force] \
      [--out-passphrase-file FILE]
      syncserver pki issue --dir DIR IDENTITY --request FILE.csr ...
      """,
    discussion: """
      Writes PREFIX.pem and PREFIX.key. With --request the key stays on the device where it was made, and only \
      PREFIX.pem is written.

      Example: syncserver pki issue --dir authority office/rabat --host rabat.example.ma
      Example: syncserver pki issue --dir authority field/amina --request request.csr
      """)

  @OptionGroup var authority: AuthorityOption
  @OptionGroup var newKey: NewKeyOption
  @OptionGroup var output: OutputOptions

  @Argument(help: "office/NAME or field/NAME.")
  var identity: String

  @Option(
    name: .customLong("host"),
    help: .init(
      "A host name or IP address that the office is reached under; may be repeated.",
      valueName: "name-or-address"))
  var hosts: [String] = []

  @Option(
    help: .init("A certificate request (PKCS#10, PEM) made on the device.", valueName: "file.csr"))
  var request: String?

  @Option(
    help: .init("Where to write (default: ./office-NAME or ./field-NAME).", valueName: "prefix"))
  var out: String?

  @Option(help: "How long it lasts, in days (default: 90 for an office, 30 for a field device).")
  var days: Int?

  @Flag(help: "Replace files that are there.")
  var force = false

  func validate() throws {
    if let days { try validateDays(days) }
    if request != nil && newKey.passphraseFile != nil {
      throw ValidationError(
        "--out-passphrase-file is for a key made here, and --request brings none.")
    }
  }

  func run(console: Console) throws {
    let identity = try Identity(argument: identity)
    let hosts = try hosts.map(HostName.init(parsing:))
    let files = IssuedFiles(prefix: out ?? "./\(identity.role)-\(identity.name)")
    if !force { try files.refuseExisting(withKey: request == nil) }
    let authority = try authority.opened(on: console)
    let (publicKey, key) = try subjectKey(of: identity, in: files, console)
    var generator = SystemRandomNumberGenerator()
    let whose = [JSONMember("identity", .string(identity.description))]
    let chain = try authority.recording("pki issue", whose) {
      try authority.issue(
        identity, hosts: hosts, publicKey: publicKey, days: days, at: Date(), using: &generator)
    }
    try files.write(chain, key: key)
    try report(chain[0], of: identity, in: files, by: authority, hasKey: key != nil, on: console)
  }

  /// The key to certify: the request's, or a new one with its private half as a file holds it.
  private func subjectKey(
    of identity: Identity, in files: IssuedFiles, _ console: Console
  ) throws -> (Certificate.PublicKey, [UInt8]?) {
    if let request {
      let checked = try CertificateSigningRequest.checked(read(request), for: identity)
      return (checked.publicKey, nil)
    }
    let passphrase = try newKey.protection(for: files.keyPath, on: console)
    let key = P256.Signing.PrivateKey()
    return (
      Certificate.PublicKey(key.publicKey), try key.fileText(protectedWith: passphrase)
    )
  }

  /// No honest request comes near 64 KiB.
  private func read(_ file: String) throws -> Data {
    guard let handle = FileHandle(forReadingAtPath: file),
      let data = try? handle.read(upToCount: 64 * 1024)
    else { throw CommandError.badRequest("cannot be read from \(file)") }
    return data
  }

  private func report(
    _ certificate: Certificate, of identity: Identity, in files: IssuedFiles,
    by authority: AuthorityFolder, hasKey: Bool, on console: Console
  ) throws {
    let end = certificate.notValidAfter
    try console.document(
      .object([
        JSONMember("ok", .boolean(true)),
        JSONMember("identity", .string(identity.description)),
        JSONMember("certificate", .string(files.certificatePath)),
        JSONMember("key", hasKey ? .string(files.keyPath) : .null),
        JSONMember("serial", .string(certificate.serialNumber.hex)),
        JSONMember("notAfter", .string(end.formatted(.iso8601))),
      ]))
    try console.print(PKITexts.issued(identity, until: end, files))
    if hasKey { try console.print(PKITexts.wroteKey(files)) }
    console.next(NextSteps.issued(identity, files, authority, hasKey: hasKey))
  }
}
