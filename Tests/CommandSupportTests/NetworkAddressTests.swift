import OfficeSyncCommandSupport
import Testing

@Suite struct NetworkAddressTests {
  @Test(arguments: [
    ("rabat.example", "rabat.example", 7443), ("rabat.example:80", "rabat.example", 80),
    ("192.0.2.7:65535", "192.0.2.7", 65535), ("[::1]", "::1", 7443),
    ("[::1]:7443", "::1", 7443), ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
    ("my_host-2:1", "my_host-2", 1),
  ])
  func readsHostAndPort(text: String, host: String, port: Int) throws {
    let address = try NetworkAddress(parsing: text, from: "--server")
    #expect(address == NetworkAddress(host: host, port: port))
    #expect(try NetworkAddress(parsing: address.description, from: "") == address)
  }

  @Test(arguments: [
    ("", "it is empty"), (":7443", "the host is missing"), ("::1", "in brackets"),
    ("fe80::1:7443", "in brackets"), ("[::1", "not closed"), ("[]", "no IPv6"),
    ("[host]:1", "no IPv6"), ("[::1]7443", "the port must be"), ("host:", "the port must be"),
    ("host:http", "the port must be"), ("host:65536", "the port must be"),
    ("host:+1", "the port must be"), ("host:-1", "the port must be"), ("host:0", "port 0"),
    ("https://host", "neither a web address"), ("ho st", "the host may hold"),
    ("*:7443", "the host may hold"), ("دار:1", "the host may hold"),
    ("host:99999999999999999999", "the port must be"),
  ])
  func saysWhatIsWrong(text: String, reason: String) {
    let error = #expect(throws: CommandError.self) {
      try NetworkAddress(parsing: text, from: "--server")
    }
    #expect(error?.status == .usage)
    #expect(error?.message.hasPrefix("'\(text)' in --server is not HOST:PORT: ") == true)
    #expect(error?.message.contains(reason) == true)
  }

  @Test func aListenerMayTakeAnyPort() throws {
    let address = try NetworkAddress(parsing: "[::]:0", from: "--listen", allowsAnyPort: true)
    #expect(address.description == "[::]:0")
  }
}
