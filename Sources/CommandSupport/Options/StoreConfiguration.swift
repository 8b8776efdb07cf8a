import Foundation

/// What `config.toml` in a store's folder says; every key may be left out.
///
/// Paths in the file start at the store's folder unless they are absolute.
public struct StoreConfiguration: Sendable, Hashable {
  /// The office to sync with.
  public var server: NetworkAddress?
  /// Where `syncserver run` listens.
  public var listen: [NetworkAddress] = []
  public var certificate: String?
  public var key: String?
  /// Whose first line is the passphrase of the store's keys.
  public var passphraseFile: String?
  public var authority: String?
  public var revocationList: String?
  /// Seconds without an answer until a connection counts as broken.
  public var timeout: Int?
  /// Days that values are kept for which changes overtook; 0 for not at all.
  public var history: Int?

  /// Percent of the disk that are kept free of others' records and of imports; 0 for none.
  public var reserve: Int?
  /// Whether a server trusts nobody without a revocation list that is within its time.
  public var strictRevocation: Bool?
  /// Megabytes that an office's audit log may take.
  public var audit: Int?
  /// Where `syncserver run` writes its figures for Prometheus.
  public var metrics: String?
  /// What of the limits is not as it is without being set.
  public var limits: [LimitSetting: Int] = [:]

  static let historyDaysMax = 36_500
  static let reservePercentMax = 50
  static let auditMegabytes = 10...1_000_000
  static let knownKeys =
    [
      "server", "listen", "cert", "key", "passphrase-file", "ca", "crl", "strict-crl", "timeout",
      "history", "reserve", "audit", "metrics",
    ] + LimitSetting.allCases.map(\.rawValue)

  public init() {}

  /// Reads the file; a missing one says nothing.
  ///
  /// - Throws: a ``CommandError`` `bad-configuration` (64) naming file, line and key for what is no
  ///   TOML, no known key or of the wrong type; `bad-address` (64); `file-failed` (74).
  public init(readingFrom folder: StoreFolder) throws(CommandError) {
    let path = folder.configuration
    guard let bytes = try SecureFile.readIfPresent(path) else {
      self.init()
      return
    }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw .badConfiguration(path, line: nil, "it is not text in UTF-8")
    }
    try self.init(parsing: text, path: path)
  }

  /// - Parameter path: the file's, for errors.
  init(parsing text: String, path: String) throws(CommandError) {
    let document: SettingsDocument
    do { document = try SettingsDocument(parsing: text) } catch {
      throw .badConfiguration(path, line: error.line, error.reason)
    }
    let reader = Reader(document: document, path: path)
    try reader.refuseUnknownKeys(but: Self.knownKeys)
    server = try reader.address("server")
    listen = try reader.addresses("listen")
    certificate = try reader.text("cert")
    key = try reader.text("key")
    passphraseFile = try reader.text("passphrase-file")
    authority = try reader.text("ca")
    revocationList = try reader.text("crl")
    strictRevocation = try reader.flag("strict-crl")
    timeout = try reader.number("timeout", in: 1...NetworkSettings.secondsMax)
    history = try reader.number("history", in: 0...Self.historyDaysMax)
    reserve = try reader.number("reserve", in: 0...Self.reservePercentMax)
    audit = try reader.number("audit", in: Self.auditMegabytes)
    metrics = try reader.text("metrics")
    for limit in LimitSetting.allCases {
      limits[limit] = try reader.number(limit.rawValue, in: limit.range)
    }
  }

  /// Writes the file in one step, for its owner alone.
  public func write(to folder: StoreFolder) throws(CommandError) {
    let text = "# Settings of this OfficeSync store; see docs/CLI.md.\n\(toml)"
    try SecureFile.replace(folder.configuration, with: text.utf8)
  }

  /// An absolute path: an option starts at the current folder, a setting of the file at the store's.
  public func path(
    _ option: String?, orElse setting: String?, in folder: StoreFolder
  ) -> String? {
    option?.absolutePath(from: FileManager.default.currentDirectoryPath)
      ?? setting?.absolutePath(from: folder.path)
  }

  private var toml: String {
    var toml = ""
    func add(_ key: String, _ text: String?) {
      if let text { toml += SettingsDocument.line(key, text) }
    }
    func add(_ key: String, _ number: Int?) {
      if let number { toml += "\(key) = \(number)\n" }
    }
    add("server", server?.description)
    if !listen.isEmpty { toml += SettingsDocument.line("listen", listen.map(\.description)) }
    add("cert", certificate)
    add("key", key)
    add("passphrase-file", passphraseFile)
    add("ca", authority)
    add("crl", revocationList)
    if let strictRevocation { toml += "strict-crl = \(strictRevocation)\n" }
    add("timeout", timeout)
    add("history", history)
    add("reserve", reserve)
    add("audit", audit)
    add("metrics", metrics)
    for limit in LimitSetting.allCases { add(limit.rawValue, limits[limit]) }
    return toml
  }
}

/// Takes typed values out of a document and says where a wrong one stands.
private struct Reader {
  let document: SettingsDocument
  let path: String

  func refuseUnknownKeys(but known: [String]) throws(CommandError) {
    guard let unknown = document.entries.first(where: { !known.contains($0.key) }) else { return }
    throw wrong(unknown, "'\(unknown.key)' is no setting that is known")
  }

  func text(_ key: String) throws(CommandError) -> String? {
    guard let entry = document[key] else { return nil }
    guard case .text(let text) = entry.value, !text.isEmpty else {
      throw wrong(entry, "'\(key)' must be text in quotes, and not empty")
    }
    return text
  }

  func flag(_ key: String) throws(CommandError) -> Bool? {
    guard let entry = document[key] else { return nil }
    guard case .flag(let flag) = entry.value else {
      throw wrong(entry, "'\(key)' must be true or false")
    }
    return flag
  }

  func number(_ key: String, in range: ClosedRange<Int>) throws(CommandError) -> Int? {
    guard let entry = document[key] else { return nil }
    guard case .number(let number) = entry.value, range ~= number else {
      throw wrong(
        entry,
        "'\(key)' must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func address(_ key: String) throws(CommandError) -> NetworkAddress? {
    guard let text = try text(key) else { return nil }
    return try NetworkAddress(parsing: text, from: "\(path), key '\(key)'")
  }

  func addresses(_ key: String) throws(CommandError) -> [NetworkAddress] {
    guard let entry = document[key] else { return [] }
    let items: [SettingsDocument.Value] =
      if case .list(let items) = entry.value { items } else { [entry.value] }
    var addresses: [NetworkAddress] = []
    for item in items {
      guard case .text(let text) = item else {
        throw wrong(entry, "'\(key)' must be a list of texts in quotes")
      }
      addresses.append(
        try NetworkAddress(parsing: text, from: "\(path), key '\(key)'", allowsAnyPort: true))
    }
    return addresses
  }

  private func wrong(_ entry: SettingsDocument.Entry, _ reason: String) -> CommandError {
    .badConfiguration(path, line: entry.line, reason)
  }
}
