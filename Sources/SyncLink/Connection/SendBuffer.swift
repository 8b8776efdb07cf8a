import NIOCore

/// How much a connection may hold that has not been sent yet.
///
/// A session notices by what the system takes from it that a peer is there, and on a slow line the system would take more than
/// goes out in the whole idle time: a live peer would pass for a silent one. What is under way on the line does not count, so
/// a quick one is none the slower.
enum SendBuffer {
  /// Eight seconds of a line of 64 kbit/s.
  static let unsentBytesMax: SocketOptionValue = 65_536

  /// `TCP_NOTSENT_LOWAT` of <netinet/tcp.h>.
  static let option = ChannelOptions.Types.SocketOption(
    level: .tcp, name: NIOBSDSocket.Option(rawValue: number))

  #if os(Linux)
    private static let number: CInt = 25
  #else
    private static let number: CInt = 0x201
  #endif
}
