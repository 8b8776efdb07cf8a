import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// A server's life, as the program that administrators start and signal.
@Suite struct ServerRunTests {
  let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func itStopsInGoodOrder(_ signal: Int32) throws {
    let server = try mesh.start("rabat")
    #expect(server.output.split(separator: "\n") == ["listening on \(mesh.address("rabat"))"])
    try server.wait { $0.errors.contains("only this machine can reach the server") }
    #expect(server.end(with: signal) == 0)
    #expect(server.errors.contains(" info stopped"))
  }

  @Test func whatComesNextDependsOnWhatThereIs() throws {
    let empty = try mesh.start("rabat")
    try empty.wait { $0.errors.hasSuffix("  syncclient sync --server HOST:7443 --data rabat\n") }
    #expect(empty.errors.contains("\n  syncclient schema set COLLECTION FILE.json --data rabat\n"))
    try mesh.stop("rabat")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "a", "title=Gare")
    let full = try mesh.start("rabat")
    try full.wait {
      $0.errors.hasSuffix("  syncserver access grant --data rabat field/NAME projects\n")
    }
    try mesh.stop("rabat")
    // A log for machines holds nothing else.
    let logged = try mesh.start("rabat", "--log-format", "json")
    try mesh.stop("rabat")
    for line in logged.errors.split(separator: "\n") {
      #expect(throws: Never.self) { try JSONValue(parsing: String(line)) }
    }
  }

  @Test func oneRunAStore() throws {
    try mesh.start("rabat")
    let second = try mesh.run("syncserver", "run", "--data", "rabat", "--listen", "127.0.0.1:0")
    #expect(second.status == 75)
    #expect(second.output == "")
    // Everything else may use the store meanwhile.
    try mesh.must("syncserver", "status", "--data", "rabat")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "a", "title=Gare")
  }

  @Test func aPortInUseIsToldAndNothingIsAnnounced() throws {
    try mesh.start("rabat")
    try mesh.office("fes")
    let other = try mesh.run(
      "syncserver", "run", "--data", "fes", "--listen", "127.0.0.1:0", "--listen",
      mesh.address("rabat"))
    #expect(other.status == 74)
    #expect(other.output.isEmpty)
    #expect(other.errors.contains("Another program listens at \(mesh.address("rabat")) already."))
  }

  @Test func anotherOfficesCertificateIsRefused() throws {
    try mesh.office("fes")
    let run = try mesh.run(
      "syncserver", "run", "--data", "rabat", "--cert", "fes/identity.pem", "--key",
      "fes/identity.key", "--json")
    #expect(run.status == 64)
    #expect(try run.json["error"]?["name"]?.text == "identity-differs")
  }

  @Test func aHangUpReadsTheRevocationListAnew() throws {
    try mesh.device("amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
    let server = try mesh.start("rabat")
    #expect(try mesh.sync("amina", with: "rabat").status == 0)

    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try mesh.copyAuthority(to: "rabat")
    server.process.send(SIGHUP)
    try server.wait { $0.errors.contains("were read anew") }
    let refused = try mesh.sync("amina", with: "rabat")
    #expect(refused.status == 77)
    #expect(try refused.json["error"]?["name"]?.text == "certificate-revoked")
    #expect(try mesh.waitForRefusals(1, at: "rabat").count == 1)

    // What cannot be read changes nothing.
    try Data("no list".utf8).write(to: URL(filePath: "\(mesh.path)/rabat/crl.pem"))
    server.process.send(SIGHUP)
    try server.wait { $0.errors.contains("what was in force stays") }
    #expect(try mesh.sync("amina", with: "rabat").status == 77)
  }

  /// A hang-up that names another revocation list: from then on it is that one which is followed.
  @Test func anotherRevocationListIsFollowed() throws {
    try mesh.device("amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
    let server = try mesh.start("rabat")
    #expect(try mesh.sync("amina", with: "rabat").status == 0)
    try FileManager.default.createDirectory(
      atPath: "\(mesh.path)/lists", withIntermediateDirectories: false)
    try FileManager.default.copyItem(
      atPath: "\(mesh.path)/ca/crl.pem", toPath: "\(mesh.path)/lists/new.pem")
    try mesh.set("crl = \"\(mesh.path)/lists/new.pem\"", in: "rabat")
    server.process.send(SIGHUP)
    try server.wait { $0.errors.contains("were read anew") }

    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try FileManager.default.copyItem(
      atPath: "\(mesh.path)/ca/crl.pem", toPath: "\(mesh.path)/lists/newer.pem")
    #expect(rename("\(mesh.path)/lists/newer.pem", "\(mesh.path)/lists/new.pem") == 0)
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 77 }
  }
}
