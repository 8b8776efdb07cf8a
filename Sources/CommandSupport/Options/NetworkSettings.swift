import Foundation

/// The settings in force: what the command line says, else the environment, else the file, else the
/// default.
public struct NetworkSettings: Sendable, Hashable {
  static let secondsMax = 86_400
  static let timeoutDefault = 30

  /// nil when nobody named one.
  public var server: NetworkAddress?
  /// Paths of PEM files, absolute. Whether they exist is for their readers to find.
  public var certificate: String
  public var key: String
  public var passphrase: PassphraseSource
  public var authority: String
  public var revocationList: String
  /// How long to wait for another run that holds the lock; zero: not at all.
  public var wait: Duration
  /// How long without an answer until a connection counts as broken.
  public var timeout: Duration

  /// - Throws: a ``CommandError`` `bad-address` or `bad-seconds` (64).
  public init(
    _ options: NetworkOptions, folder: StoreFolder, file: StoreConfiguration,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(CommandError) {
    try self.init(
      certificates: options.certificates, patience: options.patience, folder: folder, file: file,
      environment: environment)
    if let text = options.server.server {
      server = try NetworkAddress(parsing: text, from: "--server")
    }
  }

  /// The settings of a program that is connected to, or of `init`.
  ///
  /// - Throws: a ``CommandError`` `bad-address` or `bad-seconds` (64).
  public init(
    certificates: CertificateOptions, patience: WaitOptions? = nil, folder: StoreFolder,
    file: StoreConfiguration,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(CommandError) {
    let current = FileManager.default.currentDirectoryPath
    func path(_ option: String?, _ variable: String, _ fromFile: String?, _ standard: String)
      -> String
    {
      if let given = option ?? environment.setting(variable) {
        return given.absolutePath(from: current)
      }
      return fromFile?.absolutePath(from: folder.path) ?? standard
    }
    certificate = path(
      certificates.cert, "OFFICESYNC_CERT", file.certificate, folder.certificate)
    key = path(certificates.key, "OFFICESYNC_KEY", file.key, folder.key)
    let passphraseFile =
      certificates.passphraseFile ?? environment.setting("OFFICESYNC_PASSPHRASE_FILE")
    passphrase =
      passphraseFile == nil
      ? file.passphraseFile.map { .file($0.absolutePath(from: folder.path)) } ?? .terminal
      : PassphraseSource(option: passphraseFile)
    authority = path(certificates.ca, "OFFICESYNC_CA", file.authority, folder.authority)
    revocationList = path(
      certificates.crl, "OFFICESYNC_CRL", file.revocationList, folder.revocationList)
    server = try file.server(under: environment)
    wait = .zero
    if let text = environment.setting("OFFICESYNC_WAIT") {
      wait = try .seconds(from: text, in: "$OFFICESYNC_WAIT")
    }
    timeout = .seconds(file.timeout ?? Self.timeoutDefault)
    if let text = environment.setting("OFFICESYNC_TIMEOUT") {
      timeout = try .seconds(from: text, in: "$OFFICESYNC_TIMEOUT", least: 1)
    }
    if let text = patience?.wait { wait = try .seconds(from: text, in: "--wait") }
    if let text = patience?.timeout {
      timeout = try .seconds(from: text, in: "--timeout", least: 1)
    }
  }
}

extension Duration {
  fileprivate static func seconds(
    from text: String, in origin: String, least: Int = 0
  ) throws(CommandError) -> Duration {
    guard let number = Int(text), least...NetworkSettings.secondsMax ~= number else {
      throw .badSeconds(text, in: origin, least: least)
    }
    return .seconds(number)
  }
}

extension StoreConfiguration {
  /// The office to sync with when no option names one: what the environment says, else the file.
  ///
  /// - Throws: a ``CommandError`` `bad-address` (64).
  public func server(
    under environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(CommandError) -> NetworkAddress? {
    guard let text = environment.setting("OFFICESYNC_SERVER") else { return server }
    return try NetworkAddress(parsing: text, from: "$OFFICESYNC_SERVER")
  }

  /// Takes over what the options of `init` say: paths absolute, so that they hold wherever a
  /// command is run.
  ///
  /// - Throws: a ``CommandError`` `bad-address` (64).
  public mutating func take(
    server: ServerOptions? = nil, certificates: CertificateOptions
  ) throws(CommandError) {
    let current = FileManager.default.currentDirectoryPath
    if let text = server?.server {
      self.server = try NetworkAddress(parsing: text, from: "--server")
    }
    certificate = certificates.cert?.absolutePath(from: current) ?? certificate
    key = certificates.key?.absolutePath(from: current) ?? key
    if case .file(let path) = PassphraseSource(option: certificates.passphraseFile) {
      passphraseFile = path
    }
    authority = certificates.ca?.absolutePath(from: current) ?? authority
    revocationList = certificates.crl?.absolutePath(from: current) ?? revocationList
  }
}
