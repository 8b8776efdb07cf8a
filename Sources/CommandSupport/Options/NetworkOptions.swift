import ArgumentParser
import Foundation

/// Who this program is on the network, and whom it trusts.
public struct CertificateOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("This store's certificate. Default: DIR/identity.pem.", valueName: "file"),
    completion: .file(extensions: ["pem"]))
  public var cert: String?

  @Option(
    help: ArgumentHelp(
      "The certificate's private key. Default: DIR/identity.key.", valueName: "file"),
    completion: .file(extensions: ["key", "pem"]))
  public var key: String?

  @Option(
    help: ArgumentHelp(
      """
      The file whose first line is the passphrase of the key; with - standard input. Default: a key that is protected is \
      asked for on a terminal.
      """, valueName: "file"),
    completion: .file())
  public var passphraseFile: String?

  @Option(
    help: ArgumentHelp("The certificates to trust. Default: DIR/ca.pem.", valueName: "file"),
    completion: .file(extensions: ["pem"]))
  public var ca: String?

  @Option(
    help: ArgumentHelp(
      "The list of revoked certificates. Default: DIR/crl.pem.", valueName: "file"),
    completion: .file(extensions: ["pem"]))
  public var crl: String?

  public init() {}
}

/// Which office to talk to.
public struct ServerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The office's server. Default: the one named at init.", valueName: "host:port"))
  public var server: String?

  public init() {}
}

/// How patient a command on the network is.
public struct WaitOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "Wait this long for another run to finish, instead of giving up at once.",
      valueName: "seconds"))
  public var wait: String?

  @Option(
    help: ArgumentHelp(
      "Give up on a silent connection after this long. Default: \(NetworkSettings.timeoutDefault).",
      valueName: "seconds"))
  public var timeout: String?

  public init() {}
}

/// The options of a command that connects to an office.
public struct NetworkOptions: ParsableArguments {
  @OptionGroup public var server: ServerOptions
  @OptionGroup public var certificates: CertificateOptions
  @OptionGroup public var patience: WaitOptions

  public init() {}
}
