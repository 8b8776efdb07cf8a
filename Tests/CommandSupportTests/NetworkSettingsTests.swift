import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import Testing

@Suite struct NetworkSettingsTests {
  private static let folder = StoreFolder(path: "/store")

  private func settings(
    _ arguments: [String] = [], file: StoreConfiguration = StoreConfiguration(),
    environment: [String: String] = [:]
  ) throws -> NetworkSettings {
    try NetworkSettings(
      try NetworkOptions.parse(arguments), folder: Self.folder, file: file,
      environment: environment)
  }

  @Test func defaultsLieInTheStoresFolder() throws {
    let settings = try settings()
    #expect(settings.server == nil)
    #expect(settings.certificate == "/store/identity.pem")
    #expect(settings.key == "/store/identity.key")
    #expect(settings.authority == "/store/ca.pem")
    #expect(settings.revocationList == "/store/crl.pem")
    #expect(settings.wait == .zero)
    #expect(settings.timeout == .seconds(30))
  }

  @Test func aPassphraseStandsInAFileOrIsTyped() throws {
    var file = StoreConfiguration()
    #expect(try settings(file: file).passphrase == .terminal)
    file.passphraseFile = "secret"
    #expect(try settings(file: file).passphrase == .file("/store/secret"))
    let environment = ["OFFICESYNC_PASSPHRASE_FILE": "/env/secret"]
    #expect(try settings(file: file, environment: environment).passphrase == .file("/env/secret"))
    let option = ["--passphrase-file", "-"]
    #expect(
      try settings(option, file: file, environment: environment).passphrase == .standardInput)
    let typed = PassphraseSource.typed(Array("horse".utf8))
    for text in ["\(typed)", String(reflecting: typed), "\([typed])"] {
      #expect(!text.contains("horse") && !text.contains("104, 111"), "\(text)")
    }
  }

  @Test func whereAPassphraseStandsIsKeptUnlessItIsTyped() throws {
    var file = StoreConfiguration()
    try file.take(certificates: .parse(["--passphrase-file", "-"]))
    #expect(file.passphraseFile == nil)
    try file.take(certificates: .parse(["--passphrase-file", "/a/secret"]))
    #expect(file.passphraseFile == "/a/secret")
  }

  @Test func flagsWinOverEnvironmentAndThatOverTheFile() throws {
    var file = StoreConfiguration()
    file.server = NetworkAddress(host: "file", port: 1)
    file.certificate = "./sub//cert.pem"
    file.key = "/abs/key.pem"
    file.authority = "ca-from-file"
    file.timeout = 7
    let environment = [
      "OFFICESYNC_SERVER": "environment", "OFFICESYNC_KEY": "/env/key",
      "OFFICESYNC_CA": "/env/ca", "OFFICESYNC_CRL": "", "OFFICESYNC_WAIT": "3",
    ]
    let fromFile = try settings(file: file)
    #expect(fromFile.server == file.server)
    #expect(fromFile.certificate == "/store/sub/cert.pem")
    #expect(fromFile.key == "/abs/key.pem")
    #expect(fromFile.timeout == .seconds(7))

    let fromEnvironment = try settings(file: file, environment: environment)
    #expect(fromEnvironment.server == NetworkAddress(host: "environment", port: 7443))
    #expect(fromEnvironment.key == "/env/key")
    #expect(fromEnvironment.revocationList == "/store/crl.pem")
    #expect(fromEnvironment.wait == .seconds(3))

    let fromFlags = try settings(
      ["--server", "flag:2", "--ca", "ca.pem", "--wait", "0", "--timeout", "9"], file: file,
      environment: environment)
    #expect(fromFlags.server == NetworkAddress(host: "flag", port: 2))
    #expect(fromFlags.authority == FileManager.default.currentDirectoryPath + "/ca.pem")
    #expect(fromFlags.wait == .zero)
    #expect(fromFlags.timeout == .seconds(9))
  }

  @Test(arguments: [
    (["--wait", "soon"], "'soon' in --wait"), (["--timeout", "0"], "'0' in --timeout"),
    (["--wait", "86401"], "'86401' in --wait"), (["--server", "a:b"], "'a:b' in --server"),
  ])
  func aWrongFlagIsNamed(arguments: [String], part: String) {
    let error = #expect(throws: CommandError.self) { try settings(arguments) }
    #expect(error?.status == .usage)
    #expect(error?.message.contains(part) == true)
  }

  @Test func aWrongVariableIsNamed() {
    let error = #expect(throws: CommandError.self) {
      try settings(environment: ["OFFICESYNC_TIMEOUT": "long"])
    }
    #expect(error?.message.hasPrefix("'long' in $OFFICESYNC_TIMEOUT") == true)
  }

  @Test func initKeepsPathsThatHoldAnywhere() throws {
    var file = StoreConfiguration()
    try file.take(
      server: try ServerOptions.parse(["--server", "[::1]"]),
      certificates: try CertificateOptions.parse(["--cert", "./b.pem"]))
    #expect(file.server == NetworkAddress(host: "::1", port: 7443))
    #expect(file.certificate == FileManager.default.currentDirectoryPath + "/b.pem")
    #expect(file.key == nil)
  }
}
