import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// A new laptop, from token to first pull; and what happens when somebody else has the token.
@Suite struct EnrolmentTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.must(
      "syncserver", "pki", "enrolment", "--dir", "ca", "office/rabat", "--out", "rabat/enrolment")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "p1", "title=Gare")
    try mesh.start("rabat")
  }

  /// - Returns: what `enrol --json` says.
  private func token(_ device: String = "amina", _ options: String...) throws -> JSONValue {
    let run = try BuiltPrograms.run(
      "syncserver",
      [
        "enrol", "field/\(device)", "--data", "rabat", "--address", mesh.address("rabat"), "--json",
      ] + options, in: mesh.path)
    #expect(run.status == 0, "\(run.errors)")
    return try run.json
  }

  private func expectRefused(
    _ name: String, _ status: Int32 = 77, _ arguments: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try BuiltPrograms.run("syncclient", ["enrol"] + arguments + ["--json"], in: mesh.path)
    #expect(run.status == status, sourceLocation: sourceLocation)
    #expect(
      try run.json["error"]?["name"]?.text == name, "\(run.output)", sourceLocation: sourceLocation)
  }

  private func mode(_ file: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: "\(mesh.path)/\(file)")[.posixPermissions]
      as? Int
  }

  @Test func twoCommandsFromTokenToFirstPull() throws {
    let told = try token("amina", "--collections", "projects")
    let text = try #require(told["token"]?.text)
    let enrolled = try mesh.must("syncclient", "enrol", text, "--data", "amina", "--json").json
    #expect(enrolled["identity"]?.text == "field/amina")
    #expect(enrolled["office"]?.text == "office/rabat")
    try mesh.must("syncclient", "pull", "--data", "amina")
    #expect(try mesh.record("p1", in: "amina")["fields"]?["title"]?.text == "Gare")
    // And it writes.
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "p2", "title=Port")
    try mesh.must("syncclient", "push", "--data", "amina")
    #expect(try mesh.record("p2", in: "rabat")["fields"]?["title"]?.text == "Port")

    #expect(try mode("amina") == 0o700)
    #expect(try mode("amina/identity.key") == 0o600)
    #expect(!FileManager.default.fileExists(atPath: "\(mesh.path)/amina/enrolment.key"))
    // The key was made here: nobody else has it.
    let key = try String(contentsOfFile: "\(mesh.path)/amina/identity.key", encoding: .utf8)
    #expect(key.contains("PRIVATE KEY"))
    let log = mesh.server("rabat")?.errors ?? ""
    #expect(log.contains("a field device was enrolled"))
    #expect(!log.contains(text) && !log.contains(text.dropFirst("officesync1-".count)))
    let list = try mesh.must("syncserver", "enrol", "--list", "--data", "rabat", "--json").lines
    #expect(list.count == 1 && list.first?["used"]?.text != nil)
  }

  /// Its key is looked at like the office's own.
  @Test func theDoctorLooksAtTheEnrolmentAuthority() throws {
    func grade(_ check: String) throws -> String? {
      let run = try mesh.run("syncserver", "doctor", "--data", "rabat", "--json")
      return try run.json["checks"]?.items?.first { $0["check"]?.text == check }?["grade"]?.text
    }
    #expect(try grade("enrolment") == "ok")
    #expect(try grade("permissions") == "ok")
    chmod("\(mesh.path)/rabat/enrolment/ca.key", 0o644)
    #expect(try grade("permissions") == "problem")
  }

  @Test func theSecondDeviceIsRefusedAndNamed() throws {
    let text = try #require(try token()["token"]?.text)
    try mesh.must("syncclient", "enrol", text, "--data", "amina")
    try expectRefused("token-used", 77, text, "--data", "thief")
    #expect(!FileManager.default.fileExists(atPath: "\(mesh.path)/thief/store.sqlite"))
    try mesh.server("rabat")?.wait { $0.errors.contains("firstAddress=127.0.0.1:") }
  }

  @Test func aNumberToldSeparatelyIsAskedFor() throws {
    let told = try token("amina", "--pin")
    let (text, pin) = (try #require(told["token"]?.text), try #require(told["pin"]?.text))
    try expectRefused("pin-needed", 64, text, "--data", "amina")
    let wrong = pin == "000000" ? "000001" : "000000"
    for _ in 0..<2 { try expectRefused("wrong-pin", 77, text, "--data", "amina", "--pin", wrong) }
    try mesh.must("syncclient", "enrol", text, "--data", "amina", "--pin", pin)
    #expect(mesh.server("rabat")?.errors.contains(pin) == false)
  }

  @Test func whatIsNoTokenOrNoneOfThisOffice() throws {
    let text = try #require(try token()["token"]?.text)
    try expectRefused("bad-token", 65, "hello", "--data", "amina")
    try expectRefused("bad-token", 65, String(text.dropLast(3)), "--data", "amina")
    try mesh.must("syncserver", "enrol", "field/amina", "--withdraw", "--data", "rabat")
    try expectRefused("token-unknown", 77, text, "--data", "amina")
    #expect(!FileManager.default.fileExists(atPath: "\(mesh.path)/amina/store.sqlite"))
  }

  /// Somebody in the way shows certificates of an authority of his own, with the same name: the secret is not shown to him.
  @Test func anotherAuthorityOfTheSameNameIsNotTheTokens() throws {
    let text = try #require(try token()["token"]?.text)
    try mesh.must("syncserver", "pki", "init", "--dir", "false", "--organisation", "Test")
    try mesh.must("syncserver", "init", "--data", "trap", "--name", "rabat")
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "false", "office/rabat", "--host", "127.0.0.1",
      "--out", "trap/identity")
    try mesh.must(
      "syncserver", "pki", "enrolment", "--dir", "false", "office/rabat", "--out",
      "trap/enrolment")
    try FileManager.default.copyItem(
      atPath: "\(mesh.path)/false/ca.pem", toPath: "\(mesh.path)/trap/ca.pem")
    try mesh.start("trap")
    let run = try mesh.client(
      "enrol", text, "--data", "amina", "--server", mesh.address("trap"), "--json")
    #expect(run.status == 77)
    #expect(try run.json["error"]?["name"]?.text == "server-unknown-authority", "\(run.output)")
    #expect(mesh.server("trap")?.errors.contains("no such token") == false)
    // It is still good at the right one.
    try mesh.must("syncclient", "enrol", text, "--data", "amina")
  }

  @Test func aTokenThatHasEndedIsRefused() throws {
    let text = try #require(try token("amina", "--valid", "1m")["token"]?.text)
    try mesh.alter("rabat", "UPDATE enrolment SET expires = 1")
    try expectRefused("token-expired", 77, text, "--data", "amina")
  }

  /// The answer was lost: the client died, or the link. The same command gets it, with the same key.
  @Test func theSameCommandGoesOnAfterACrash() throws {
    let text = try #require(try token()["token"]?.text)
    try mesh.must("syncclient", "enrol", text, "--data", "amina")
    // As after a crash between the answer and the first file.
    let key = "\(mesh.path)/amina/identity.key"
    try FileManager.default.copyItem(atPath: key, toPath: "\(mesh.path)/amina/enrolment.key")
    for file in ["identity.key", "identity.pem", "ca.pem", "config.toml", "store.sqlite"] {
      try FileManager.default.removeItem(atPath: "\(mesh.path)/amina/\(file)")
    }
    try mesh.must("syncclient", "enrol", text, "--data", "amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
    try mesh.must("syncclient", "pull", "--data", "amina")
    // And with another key it is another device.
    try expectRefused("token-used", 77, text, "--data", "amina")
    try mesh.must("syncclient", "pull", "--data", "amina")
  }

  /// Weeks in the field, and the certificate has ended: a new token, the same store.
  @Test func aStoreThatIsThereKeepsItsRecordsAndItsReplica() throws {
    let first = try #require(try token("amina", "--collections", "projects")["token"]?.text)
    try mesh.must("syncclient", "enrol", first, "--data", "amina")
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "mine", "title=Visite")
    let replica = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
    try mesh.must("syncserver", "pki", "revoke", "--dir", "rabat/enrolment", "field/amina")
    try mesh.server("rabat")?.wait { $0.errors.contains("a newer revocation list") }
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 77 }

    let second = try #require(try token()["token"]?.text)
    try mesh.must("syncclient", "enrol", second, "--data", "amina")
    #expect(
      try mesh.must("syncclient", "status", "--data", "amina", "--json").json["replica"]?["id"]
        == replica["replica"]?["id"])
    try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(try mesh.record("mine", in: "rabat")["fields"]?["title"]?.text == "Visite")
    // Another device's token does not turn this store into that device.
    let other = try #require(try token("karim")["token"]?.text)
    try expectRefused("identity-differs", 64, other, "--data", "amina")
  }

  /// Nobody has to think of it: a sync in the last third of a certificate's life renews it.
  @Test func aSyncRenewsTheCertificateInItsLastThird() throws {
    let text = try #require(try token("amina", "--collections", "projects")["token"]?.text)
    try mesh.must("syncclient", "enrol", text, "--data", "amina")
    let path = "\(mesh.path)/amina/identity.pem"
    func certificate() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
    let first = try certificate()
    try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(try certificate() == first)

    // One over the same key that began 25 days ago, and ends in five.
    let folder = "\(mesh.path)/rabat/enrolment"
    let old = try TestPKI(
      authorityPEM: String(contentsOfFile: "\(folder)/ca.pem", encoding: .utf8),
      keyPEM: String(contentsOfFile: "\(folder)/ca.key", encoding: .utf8)
    ).reissue(
      first, for: "officesync://field/amina",
      validity: Date().addingTimeInterval(-25 * 86_400)...Date().addingTimeInterval(5 * 86_400))
    try old.write(toFile: path, atomically: true, encoding: .utf8)
    let renewed = try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(renewed.errors.contains("has renewed this device's certificate"))
    #expect(try certificate() != old)
    try mesh.server("rabat")?.wait { $0.errors.contains("certificate was renewed") }
    // With the new one, and without a second renewal.
    let again = try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(!again.errors.contains("has renewed"))
    // Revoking takes out both.
    try mesh.must("syncserver", "pki", "revoke", "--dir", "rabat/enrolment", "field/amina")
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 77 }
  }

  /// A device that one office enrolled and revoked is known to be so at another, which has no enrolment of its own.
  @Test func anotherOfficeTakesTheDeviceAndLearnsOfItsRevocation() throws {
    try mesh.office("fes")
    try mesh.start("fes")
    #expect(try mesh.sync("rabat", with: "fes").status == 0)
    let text = try #require(try token("amina", "--collections", "projects")["token"]?.text)
    try mesh.must("syncclient", "enrol", text, "--data", "amina")
    #expect(try mesh.sync("rabat", with: "fes").status == 0)
    #expect(try mesh.sync("amina", with: "fes").status == 0)

    try mesh.must("syncserver", "pki", "revoke", "--dir", "rabat/enrolment", "field/amina")
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 77 }
    #expect(try mesh.sync("amina", with: "fes").status == 0)
    #expect(try mesh.sync("rabat", with: "fes").status == 0)
    try mesh.wait { try mesh.sync("amina", with: "fes").status == 77 }
    let refused = try mesh.sync("amina", with: "fes")
    #expect(try refused.json["error"]?["name"]?.text == "certificate-revoked")
  }

  /// The key on the office's server makes no offices: others refuse what it signs.
  @Test func theEnrolmentAuthorityCannotMakeAnOffice() throws {
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "rabat/enrolment", "office/fes", "--host",
      "127.0.0.1", "--out", "forged")
    let run = try mesh.client(
      "sync", "--data", "rabat", "--server", mesh.address("rabat"), "--cert", "forged.pem",
      "--key", "forged.key", "--json")
    #expect(run.status != 0)
    // As a client, straight to the handshake.
    try mesh.must("syncserver", "init", "--data", "fes", "--name", "fes")
    for (from, to) in [("forged.pem", "identity.pem"), ("forged.key", "identity.key")] {
      try FileManager.default.copyItem(
        atPath: "\(mesh.path)/\(from)", toPath: "\(mesh.path)/fes/\(to)")
    }
    try mesh.copyAuthority(to: "fes")
    let refused = try mesh.sync("fes", with: "rabat")
    #expect(refused.status == 77)
    #expect(mesh.server("rabat")?.errors.contains("connection refused") == true)
  }

  /// The authority is made, or moved there, beside a server that runs: nobody has to tell it. Nor of its revocations.
  @Test(arguments: [false, true])
  func anAuthorityThatComesLaterIsUsed(isMoved: Bool) throws {
    try mesh.office("fes")
    try mesh.start("fes")
    let made = isMoved ? "made" : "fes/enrolment"
    try mesh.must("syncserver", "pki", "enrolment", "--dir", "ca", "office/fes", "--out", made)
    if isMoved { #expect(rename("\(mesh.path)/made", "\(mesh.path)/fes/enrolment") == 0) }
    let run = try mesh.must(
      "syncserver", "enrol", "field/amina", "--data", "fes", "--address", mesh.address("fes"),
      "--collections", "projects", "--json")
    let text = try #require(try run.json["token"]?.text)
    try mesh.wait { try mesh.client("enrol", text, "--data", "amina").status == 0 }
    #expect(try mesh.sync("amina", with: "fes").status == 0)
    try mesh.must("syncserver", "pki", "revoke", "--dir", "fes/enrolment", "field/amina")
    try mesh.wait { try mesh.sync("amina", with: "fes").status == 77 }
    let refused = try mesh.sync("amina", with: "fes")
    #expect(try refused.json["error"]?["name"]?.text == "certificate-revoked")
  }

  @Test func onlyFieldDevicesAndOnlyWhereThereIsAnAuthority() throws {
    func name(_ arguments: String...) throws -> String? {
      let run = try BuiltPrograms.run(
        "syncserver", ["enrol"] + arguments + ["--json"], in: mesh.path)
      return try run.json["error"]?["name"]?.text
    }
    #expect(try name("office/fes", "--data", "rabat") == "bad-identity")
    try mesh.office("fes")
    #expect(try name("field/amina", "--data", "fes") == "no-enrolment-authority")
    #expect(try name("field/amina", "--data", "rabat", "--valid", "1y") == "usage")
    #expect(try name("--data", "rabat") == "usage")
    #expect(
      try name("field/amina", "--data", "rabat", "--collections", "$office")
        == "offices-own-collection")
    #expect(
      try mesh.must("syncserver", "enrol", "--list", "--data", "rabat", "--json").lines.isEmpty)
  }
}
