import Foundation
import Testing

@testable import OfficeSyncCommandSupport

@Suite struct StoreConfigurationTests {
  private func error(in text: String) -> CommandError? {
    #expect(throws: CommandError.self) {
      try StoreConfiguration(parsing: text, path: "/s/config.toml")
    }
  }

  @Test func whatIsWrittenIsReadAgainAndPrivate() throws {
    let temporary = try TemporaryFolder()
    let folder = StoreFolder(path: temporary.path)
    var written = StoreConfiguration()
    written.server = NetworkAddress(host: "::1", port: 7443)
    written.listen = [NetworkAddress(host: "0.0.0.0", port: 0)]
    written.certificate = "/a \"b\"\\é\u{1B}.pem"
    written.key = "key"
    written.passphraseFile = "secret"
    written.authority = "ca"
    written.revocationList = "crl"
    written.timeout = 5
    written.history = 0
    written.reserve = 10
    for limit in LimitSetting.allCases { written.limits[limit] = limit.range.upperBound }
    written.metrics = "/var/lib/node_exporter/officesync.prom"
    try written.write(to: folder)
    #expect(try StoreConfiguration(readingFrom: folder) == written)
    #expect(mode(of: folder.configuration) == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["config.toml"])
  }

  @Test func aMissingOrEmptyFileSaysNothing() throws {
    let temporary = try TemporaryFolder()
    let folder = StoreFolder(path: temporary.path)
    #expect(try StoreConfiguration(readingFrom: folder) == StoreConfiguration())
    try SecureFile.create(folder.configuration, with: [])
    #expect(try StoreConfiguration(readingFrom: folder) == StoreConfiguration())
  }

  @Test func anUnknownKeyIsNamedWithItsLine() {
    let error = error(in: "# servr = 1\nserver = 'a'\n\n  servr = 'b'\n[zz]\n")
    #expect(error?.status == .usage)
    #expect(
      error?.message == "/s/config.toml, line 4: 'servr' is no setting that is known.")
    #expect(
      error?.remedy.contains(
        StoreConfiguration.knownKeys.joined(separator: ", ")) == true)
    #expect(self.error(in: "\n[tls]\na=1")?.message.contains("line 2: 'tls'") == true)
  }

  @Test(arguments: [
    ("server = 5", "line 1: 'server' must be text in quotes, and not empty"),
    ("\ncert = ['a']", "line 2: 'cert' must be text in quotes, and not empty"),
    ("crl = ''", "line 1: 'crl' must be text"),
    ("timeout = '5'", "line 1: 'timeout' must be a whole number from 1 to 86400"),
    ("strict-crl = 1", "line 1: 'strict-crl' must be true or false"),
    ("audit = 9", "line 1: 'audit' must be a whole number from 10 to 1000000"),
    ("timeout = 0", "line 1: 'timeout' must be a whole number"),
    ("timeout = 1.5", "line 1: 'timeout' must be a whole number"),
    ("history = -1", "line 1: 'history' must be a whole number from 0 to 36500"),
    ("listen = [1]", "line 1: 'listen' must be a list"),
    ("server = 'a:b'", "'a:b' in /s/config.toml, key 'server' is not HOST:PORT"),
    ("server = 'a'\nserver = 'b'", "line 2"),
    ("x = \n", "line 1"),
  ])
  func aWrongValueIsNamedWithItsPlace(text: String, part: String) {
    let error = error(in: text)
    #expect(error?.status == .usage)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  /// TOMLKit, which read the file once, ended the program at these (found by `scripts/fuzz`).
  @Test(arguments: [
    "[#a]", "[ ", "[\n", "[[ #a]]", "\u{FEFF}[#", "\t[.a]\n", "[=]", "[\u{E9}]", "[[\r\n", "[,",
    "[\u{1}",
  ])
  func aTableWithoutANameIsAnError(header: String) {
    #expect(error(in: header)?.message.contains("line 1") == true)
    let text = "timeout = 1\r\n" + header.trimmingPrefix("\u{FEFF}")
    #expect(error(in: text)?.message.contains("line 2") == true)
  }

  /// As above.
  @Test func aTimeThatIsNoneIsAnError() {
    #expect(error(in: "x = 1979-05-27T@07:32:00Z")?.message.contains("line 1: 'x'") == true)
  }

  @Test func linesThatEndAsOnWindowsAreCounted() {
    #expect(error(in: "timeout = 1\r\nservr = 'a'\r\n")?.message.contains("line 2") == true)
  }

  @Test func oneListenerNeedsNoList() throws {
    let configuration = try StoreConfiguration(parsing: "listen = 'host:0'", path: "p")
    #expect(configuration.listen == [NetworkAddress(host: "host", port: 0)])
  }

  @Test(arguments: [[0xFF, 0x3D], [0x61, 0x00]])
  func bytesThatAreNoTextAreRefused(bytes: [UInt8]) throws {
    let temporary = try TemporaryFolder()
    let folder = StoreFolder(path: temporary.path)
    try SecureFile.create(folder.configuration, with: bytes)
    let error = #expect(throws: CommandError.self) {
      try StoreConfiguration(readingFrom: folder)
    }
    #expect(error?.name == "bad-configuration")
  }
}
