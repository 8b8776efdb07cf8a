/// What a server takes of whomever: keys of `config.toml`, each with its range and what holds without it.
public enum LimitSetting: String, CaseIterable, Hashable, Sendable {
  /// Sessions at once.
  case connections
  /// Of these, those of one identity.
  case connectionsPerIdentity = "connections-per-identity"
  /// Connections at once whose other end is not known yet.
  case handshakes
  /// Of these, those from one address.
  case handshakesPerAddress = "handshakes-per-address"
  /// In seconds.
  case handshakeTimeout = "handshake-timeout"
  /// The longest frame, in KiB.
  case frameKilobytes = "frame-kilobytes"
  /// What a field device may send in one session, in MiB.
  case sessionMegabytes = "session-megabytes"
  /// What of a field device's records is taken within a day, in MiB.
  case deviceMegabytes = "device-megabytes"
  /// New replica IDs of one field device that are taken within a day.
  case deviceReplicas = "device-replicas"

  public var range: ClosedRange<Int> {
    switch self {
    case .connections: 1...32_768
    case .connectionsPerIdentity: 1...32_768
    case .handshakes: 16...16_384
    case .handshakesPerAddress: 1...16_384
    case .handshakeTimeout: 1...60
    // Less would not hold what two sides tell each other of a thousand replicas.
    case .frameKilobytes: 256...16_384
    case .sessionMegabytes, .deviceMegabytes: 1...1_048_576
    case .deviceReplicas: 1...10_000
    }
  }

  public var standard: Int {
    switch self {
    case .connections: 1_000
    case .connectionsPerIdentity: 16
    case .handshakes: 1_024
    case .handshakesPerAddress: 64
    case .handshakeTimeout: 10
    case .frameKilobytes: 1_024
    case .sessionMegabytes: 1_024
    case .deviceMegabytes: 1_024
    case .deviceReplicas: 32
    }
  }
}
