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

  /// - Throws: `CommandError` `bad-configuration`, `bad-address`, `bad-seconds` (64)
  init(
    folder: StoreFolder, certificates: CertificateOptions, patience: WaitOptions, listen: [String]
  ) throws(CommandError) {
    let file = try StoreConfiguration(readingFrom: folder)
    network = try NetworkSettings(
      certificates: certificates, patience: patience, folder: folder, file: file)
    let addresses = listen.isEmpty ? file.listen : try [NetworkAddress](listening: listen)
    history = HistoryRetention(days: file.history)
    reserve = DiskReserve(percent: file.reserve)
    self.listen = addresses.isEmpty ? [Self.listenDefault] : addresses
  }

  var files: CredentialFiles {
    CredentialFiles(
      certificate: network.certificate, key: network.key, authority: network.authority,
      revocationList: network.revocationList)
  }
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
