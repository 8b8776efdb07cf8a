import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Private keys that take a passphrase, at an office and on a laptop.
@Suite struct PassphraseTests {
  private static let secret = "correct horse battery staple"
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try write(Self.secret + "\n", to: "secret")
    try mesh.must(
      "syncserver", "init", "--data", "rabat", "--name", "rabat", "--passphrase-file", "secret")
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "ca", "office/rabat", "--host", "127.0.0.1", "--out",
      "rabat/identity", "--out-passphrase-file", "secret")
    try mesh.copyAuthority(to: "rabat")
    try mesh.must(
      "syncserver", "pki", "enrolment", "--dir", "ca", "office/rabat", "--out", "rabat/enrolment",
      "--out-passphrase-file", "secret")
  }

  private func write(_ text: String, to file: String, mode: Int = 0o600) throws {
    let path = "\(mesh.path)/\(file)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private func bytes(_ file: String) throws -> Data {
    try Data(contentsOf: URL(filePath: "\(mesh.path)/\(file)"))
  }

  private func isProtected(_ file: String) throws -> Bool {
    try bytes(file).starts(with: "-----BEGIN ENCRYPTED PRIVATE KEY-----".utf8)
  }

  private func token() throws -> String {
    let run = try mesh.must(
      "syncserver", "enrol", "field/amina", "--data", "rabat", "--address", mesh.address("rabat"),
      "--collections", "projects", "--json")
    return try #require(try run.json["token"]?.text)
  }

  /// A laptop whose key is protected.
  private func enrol() throws {
    try mesh.must(
      "syncclient", "enrol", token(), "--data", "amina", "--passphrase-file", "secret")
  }

  private func run(
    _ program: String, _ arguments: [String], _ environment: [String: String] = [:],
    input: String? = ""
  ) throws -> ProgramRun {
    let run = try ChildProcess.run(
      BuiltPrograms.command(program, arguments), in: mesh.path,
      environment: BuiltPrograms.environment(in: mesh.path).merging(environment) { $1 },
      input: input)
    return ProgramRun(status: run.status, output: run.text, errors: run.errorText)
  }

  private func expect(
    _ name: String, _ program: String, _ arguments: [String], _ environment: [String: String] = [:],
    input: String? = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try run(program, arguments + ["--json"], environment, input: input)
    #expect(run.status == 77, sourceLocation: sourceLocation)
    #expect(
      try run.json["error"]?["name"]?.text == name, "\(run.output)", sourceLocation: sourceLocation)
  }

  @Test func allThatUsesAKeyTakesItsPassphrase() throws {
    try mesh.start("rabat")
    try enrol()
    for key in ["rabat/identity.key", "rabat/enrolment/ca.key", "amina/identity.key"] {
      #expect(try isProtected(key), "\(key)")
    }
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "p1", "title=Gare")
    // What a store was made with stands in its config.toml.
    for command in [["pull"], ["push"], ["sync"], ["verify"]] {
      let run = try run("syncclient", command + ["--data", "amina"])
      #expect(run.status == 0, "\(command): \(run.errors)")
    }
    #expect(try mesh.record("p1", in: "amina")["fields"]?["title"]?.text == "Gare")
    let watch = try RunningProgram(
      "syncclient", ["watch", "--data", "amina"], in: mesh.path, label: "watch")
    try watch.wait { $0.errors.contains("Live with office/rabat") }
    #expect(watch.end(with: SIGINT) == 130)
    try mesh.office("fes")
    try mesh.start("fes")
    let courier = try mesh.replicate(
      mesh.address("rabat"), mesh.address("fes"), ["--data", "rabat"])
    #expect(courier.status == 0, "\(courier.errors)")
    let doctor = try run("syncserver", ["doctor", "--data", "rabat", "--json"])
    let checks = try doctor.json["checks"]?.items ?? []
    for name in ["certificate", "enrolment"] {
      let check = checks.first { $0["check"]?.text == name }
      #expect(check?["grade"]?.text == "ok", "\(doctor.output)")
    }
    try nothingTellsIt(but: ["secret"])
  }

  /// Neither a log nor a store, nor a setting.
  private func nothingTellsIt(but known: Set<String>) throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: mesh.path)
    #expect(files.count > 20)
    for file in files where !known.contains(file) {
      guard let bytes = try? bytes(file) else { continue }
      #expect(bytes.range(of: Data(Self.secret.utf8)) == nil, "\(file)")
    }
  }

  /// A ticket opens for a week what the key opens.
  @Test func noTicketIsKeptBesideAProtectedKey() throws {
    try mesh.start("rabat")
    try mesh.must("syncclient", "enrol", token(), "--data", "amina")
    try mesh.must("syncclient", "sync", "--data", "amina")
    let ticket = "\(mesh.path)/amina/tickets/127.0.0.1_\(mesh.port("rabat")).ticket"
    #expect(FileManager.default.fileExists(atPath: ticket))
    // As docs/OPERATIONS.md says it is done.
    let sealed = try run(
      "openssl",
      [
        "pkcs8", "-topk8", "-iter", "600000", "-in", "amina/identity.key", "-out", "new.key",
        "-passout", "file:secret",
      ])
    #expect(sealed.status == 0, "\(sealed.errors)")
    rename("\(mesh.path)/new.key", "\(mesh.path)/amina/identity.key")
    for _ in 0..<2 {
      let run = try run(
        "syncclient", ["sync", "--data", "amina", "--passphrase-file", "secret", "--json"])
      #expect(try run.json["resumed"] == .boolean(false), "\(run.output)")
    }
    #expect(!FileManager.default.fileExists(atPath: ticket))
  }

  @Test func withoutItNothingGoes() throws {
    try mesh.start("rabat")
    try enrol()
    try mesh.stop("rabat")
    let sync = ["sync", "--data", "amina"]
    try expect(
      "passphrase-wrong", "syncclient", sync + ["--passphrase-file", "-"], input: "wrong\n")
    try write("wrong\n", to: "wrong")
    for (program, command) in [
      ("syncclient", sync),
      (
        "syncclient",
        ["replicate", "--from", "127.0.0.1:1", "--to", "127.0.0.1:2", "--data", "rabat"]
      ),
      ("syncserver", ["run", "--data", "rabat"]),
      ("syncserver", ["pki", "revoke", "--dir", "rabat/enrolment", "field/amina"]),
    ] {
      try expect("passphrase-wrong", program, command + ["--passphrase-file", "wrong"])
    }
    try expect("passphrase-unreadable", "syncclient", sync + ["--passphrase-file", "nowhere"])
    try expect("passphrase-unreadable", "syncclient", sync + ["--passphrase-file", "-"])
    try write(Self.secret, to: "secret", mode: 0o640)
    try expect("key-readable-by-others", "syncclient", sync)
    for store in ["amina", "rabat"] {
      try FileManager.default.removeItem(atPath: "\(mesh.path)/\(store)/config.toml")
    }
    try expect("passphrase-needed", "syncclient", sync + ["--server", mesh.address("rabat")])
    try expect("passphrase-needed", "syncserver", ["run", "--data", "rabat"])
    try expect(
      "passphrase-needed", "syncserver",
      ["pki", "issue", "--dir", "rabat/enrolment", "field/karim", "--out", "karim"])
    // A key in the place of a protected one is to be protected as well.
    try expect("passphrase-needed", "syncclient", ["enrol", token(), "--data", "amina"])
  }

  /// An environment variable names the file: what stands in it can be read in a list of processes.
  @Test func aServiceGetsItFromSystemd() throws {
    try FileManager.default.removeItem(atPath: "\(mesh.path)/rabat/config.toml")
    try FileManager.default.createDirectory(
      atPath: "\(mesh.path)/credentials", withIntermediateDirectories: true)
    // With an access list for its user, the group's bits are the list's mask.
    try write(Self.secret, to: "credentials/passphrase", mode: 0o440)
    var environment = ["OFFICESYNC_PASSPHRASE_FILE": "\(mesh.path)/credentials/passphrase"]
    try expect("key-readable-by-others", "syncserver", ["run", "--data", "rabat"], environment)
    environment["CREDENTIALS_DIRECTORY"] = "\(mesh.path)/credentials"
    try mesh.start("rabat", environment: environment)
    try enrol()
    try mesh.stop("rabat")
    try write(Self.secret, to: "credentials/passphrase", mode: 0o444)
    try expect("key-readable-by-others", "syncserver", ["run", "--data", "rabat"], environment)
  }

  /// As when somebody who knew it has left.
  @Test func aRunningServerTakesAnotherPassphrase() throws {
    let server = try mesh.start("rabat")
    try enrol()
    try write("another one\n", to: "new")
    for key in ["rabat/identity.key", "rabat/enrolment/ca.key"] {
      let changed = try run(
        "openssl",
        [
          "pkcs8", "-topk8", "-in", key, "-out", "new.key", "-passin", "file:secret", "-passout",
          "file:new",
        ])
      #expect(changed.status == 0, "\(changed.errors)")
      rename("\(mesh.path)/new.key", "\(mesh.path)/\(key)")
    }
    server.process.send(SIGHUP)
    try server.wait { $0.errors.contains("does not open the key") }
    #expect(try mesh.sync("amina", with: "rabat").status == 0)
    let reloads = server.errors.ranges(of: "were read anew").count
    try mesh.set("passphrase-file = \"\(mesh.path)/new\"", in: "rabat")
    server.process.send(SIGHUP)
    try server.wait { $0.errors.ranges(of: "were read anew").count > reloads }
    let karim = try mesh.must(
      "syncserver", "enrol", "field/karim", "--data", "rabat", "--address", mesh.address("rabat"),
      "--json")
    try mesh.must(
      "syncclient", "enrol", #require(try karim.json["token"]?.text), "--data", "karim")
  }

  @Test func aRenewalKeepsTheKeyAsItIs() throws {
    try mesh.start("rabat")
    try enrol()
    let opened = try run(
      "openssl", ["pkcs8", "-in", "rabat/enrolment/ca.key", "-passin", "file:secret"])
    let old = try TestPKI(
      authorityPEM: String(decoding: bytes("rabat/enrolment/ca.pem"), as: UTF8.self),
      keyPEM: opened.output
    ).reissue(
      String(decoding: bytes("amina/identity.pem"), as: UTF8.self), for: "officesync://field/amina",
      validity: Date().addingTimeInterval(-25 * 86_400)...Date().addingTimeInterval(5 * 86_400))
    try write(old, to: "amina/identity.pem", mode: 0o644)
    let key = try bytes("amina/identity.key")
    let sync = try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(sync.errors.contains("has renewed this device's certificate"), "\(sync.errors)")
    #expect(try bytes("amina/identity.key") == key)
    #expect(try bytes("amina/identity.pem") != Data(old.utf8))
    try mesh.must("syncclient", "sync", "--data", "amina")
  }

  // MARK: At a terminal

  private func onTerminal(
    _ program: String, _ arguments: [String], typing: String
  ) throws -> ProgramRun {
    let terminal = RepositoryFiles.path("Tests/EndToEnd/Python/terminal.py")
    return try run(
      "python3",
      [terminal, "80", "\(BuiltPrograms.folder)/\(program)"] + arguments,
      input: typing)
  }

  @Test func aTerminalIsAskedAndDoesNotShowIt() throws {
    let (secret, twice) = (Self.secret + "\n", Self.secret + "\n" + Self.secret + "\n")
    let made = [
      "pki", "init", "--dir", "sealed", "--organisation", "Test", "--passphrase-file", "-",
    ]
    let slip = try onTerminal("syncserver", made, typing: secret + "other\n")
    #expect(slip.status == 65, "\(slip.output)")
    #expect(slip.output.contains("The two passphrases differ"))
    #expect(!FileManager.default.fileExists(atPath: "\(mesh.path)/sealed"))
    #expect(try onTerminal("syncserver", made, typing: twice).status == 0)
    #expect(try isProtected("sealed/ca.key"))

    let issue = ["pki", "issue", "--dir", "sealed", "field/karim"]
    for (typed, status) in [("wrong\n", 77), (secret, 0)] as [(String, Int32)] {
      let run = try onTerminal("syncserver", issue + ["--out", "karim"], typing: typed)
      #expect(run.status == status, "\(run.output)")
      #expect(run.output.contains("Passphrase of sealed/ca.key: "), "\(run.output)")
      #expect(!run.output.contains(typed.dropLast()), "\(run.output)")
    }
    // What comes without a passphrase stays without one.
    #expect(try !isProtected("karim.key"))

    try mesh.start("rabat")
    try enrol()
    let address = mesh.address("rabat")
    try FileManager.default.removeItem(atPath: "\(mesh.path)/amina/config.toml")
    let sync = try onTerminal(
      "syncclient", ["sync", "--data", "amina", "--server", address], typing: secret)
    #expect(sync.status == 0, "\(sync.output)")
    #expect(sync.output.contains("amina/identity.key: "))
    #expect(!sync.output.contains(Self.secret))
  }
}
