import Foundation
import NIOCore
import OfficeSyncProtocol

extension SyncListener {
  /// What a listener takes, of how many, and for how long.
  public struct Settings: Sendable {
    /// How long a client may be silent.
    public var idleTime: Duration = .seconds(Limits.idleSecondsMax)
    /// How long it may take over the handshake.
    public var handshakeTime: Duration = .seconds(10)
    /// How long it may take after that until its Hello is whole.
    public var helloTime: Duration = .seconds(Limits.helloSecondsMax)
    /// How long an enrolment may take after the handshake.
    public var enrolmentTime: Duration = .seconds(Limits.enrolmentSecondsMax)
    /// How long sessions under way may go on after `stop()`.
    public var graceTime: Duration = .seconds(10)
    public var capacity = Capacity()
    /// The longest frame taken from a client that was let in.
    public var frameBytesMax = Limits.frameBytesMax
    /// What a field device may send in one session, in bytes of frames.
    public var sessionBytesMax = 1 << 30
    /// What a field device may have taken in within a day, in bytes; a record counts as 256 at least.
    public var deviceBytesPerDay = 1 << 30

    public init() {}
  }

  /// How many connections are taken. Where there is no room at the door, who has waited there longest goes: a client that means
  /// it is through in a second or two.
  public struct Capacity: Hashable, Sendable {
    /// Sessions, of whomever.
    public var connectionsMax = 1_000
    /// Sessions of one identity.
    public var connectionsPerIdentityMax = 16
    /// Connections whose other end is not known yet.
    public var handshakesMax = 1_024
    /// Of these, those that come from one address: an IPv4 address, or a network of 64 bits (RFC 4291, section 2.5.4).
    public var handshakesPerAddressMax = 64

    public init() {}
  }
}

extension SocketAddress {
  /// What connections are counted by: who has one address of an IPv6 network has them all.
  var counted: String {
    let host = parts.host
    var bytes = [UInt8](repeating: 0, count: 16)
    guard !host.hasPrefix("::ffff:"), inet_pton(AF_INET6, host, &bytes) == 1 else { return host }
    return stride(from: 0, to: 8, by: 2).map {
      String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
    }.joined(separator: ":") + "::/64"
  }
}
