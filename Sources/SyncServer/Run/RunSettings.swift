import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncStorage
import OfficeSyncSyncLink

/// What a server runs with: the command line over the environment over `config.toml`.
struct RunSettings {
  static let listenDefault = NetworkAddress(host: "127.0.0.1", port: NetworkAddress.defaultPort)

  let network: NetworkSettings
  let listen: [NetworkAddress]
  let history: HistoryRetention
  let reserve: DiskReserve
  /// Whether nobody is trusted without a revocation list that is within its time.
  let requiresCurrentList: Bool
  /// Where figures go; nil for nowhere.
  let metrics: String?
  let limits: [LimitSetting: Int]

  /// - Parameter passphrase: what somebody typed when the program began; nil for what the settings say.
  /// - Throws: `CommandError` `bad-configuration`, `bad-address`, `bad-seconds` (64)
  init(
    folder: StoreFolder, certificates: CertificateOptions, passphrase: PassphraseSource? = nil,
    patience: WaitOptions? = nil,
    strictRevocation: Bool = false, listen: [String] = [], metrics: String? = nil
  ) throws(CommandError) {
    let file = try StoreConfiguration(readingFrom: folder)
    var network = try NetworkSettings(
      certificates: certificates, patience: patience, folder: folder, file: file)
    if let passphrase { network.passphrase = passphrase }
    self.network = network
    let addresses = listen.isEmpty ? file.listen : try [NetworkAddress](listening: listen)
    history = HistoryRetention(days: file.history)
    reserve = DiskReserve(percent: file.reserve)
    requiresCurrentList = strictRevocation || file.strictRevocation ?? false
    self.metrics = file.path(metrics, orElse: file.metrics, in: folder)
    limits = file.limits
    self.listen = addresses.isEmpty ? [Self.listenDefault] : addresses
  }

  func limit(_ setting: LimitSetting) -> Int { limits[setting] ?? setting.standard }

  /// - Parameter descriptors: how many files and connections this process may have open.
  func listener(descriptors: Int) -> SyncListener.Settings {
    var listener = SyncListener.Settings()
    listener.idleTime = network.timeout
    listener.handshakeTime = min(.seconds(limit(.handshakeTimeout)), network.timeout)
    var capacity = SyncListener.Capacity()
    capacity.connectionsMax = limit(.connections)
    capacity.connectionsPerIdentityMax = limit(.connectionsPerIdentity)
    capacity.handshakesMax = limit(.handshakes)
    capacity.handshakesPerAddressMax = limit(.handshakesPerAddress)
    listener.capacity = DescriptorLimit.capacity(capacity, descriptors: descriptors)
    listener.frameBytesMax = limit(.frameKilobytes) << 10
    listener.sessionBytesMax = limit(.sessionMegabytes) << 20
    listener.deviceBytesPerDay = limit(.deviceMegabytes) << 20
    return listener
  }

  /// What somebody types to open the store's keys, if nobody said where it stands and one of them needs it; else nil.
  ///
  /// - Throws: `CommandError` `bad-configuration`, `bad-address`, `bad-seconds` (64)
  static func askedPassphrase(
    folder: StoreFolder, certificates: CertificateOptions, on console: Console
  ) throws -> PassphraseSource? {
    let network = try RunSettings(folder: folder, certificates: certificates).network
    let answer = try network.passphrase.asked(
      toOpen: [network.key, AuthorityFolder(path: folder.enrolment).keyPath], on: console)
    return answer == network.passphrase ? nil : answer
  }

  /// Whether just this machine can reach the server.
  var isOnlyLocal: Bool { listen.allSatisfy(\.isLoopback) }

  var files: CredentialFiles {
    CredentialFiles(
      certificate: network.certificate, key: network.key,
      passphrase: network.passphrase.passphrase, authority: network.authority,
      revocationList: network.revocationList, requiresCurrentList: requiresCurrentList)
  }
}

extension NetworkAddress {
  /// Whether just this machine can reach it.
  var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
}

extension [NetworkAddress] {
  /// Addresses as `--listen` gives them; port 0 is any free one.
  ///
  /// - Throws: `CommandError` `bad-address` (64)
  init(listening texts: [String]) throws(CommandError) {
    self = []
    for text in texts {
      append(try NetworkAddress(parsing: text, from: "--listen", allowsAnyPort: true))
    }
  }
}
