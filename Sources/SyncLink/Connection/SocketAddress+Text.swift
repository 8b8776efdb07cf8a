import NIOCore

extension SocketAddress {
  /// The IP address without brackets, and the port.
  var parts: (host: String, port: Int) { (ipAddress ?? description, port ?? 0) }

  /// `192.0.2.7:7443` or `[::1]:7443`.
  var text: String {
    let (host, port) = parts
    return addressText(host: host, port: port)
  }
}

/// `HOST:PORT`, an IPv6 address in brackets.
func addressText(host: String, port: Int) -> String {
  host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
}
