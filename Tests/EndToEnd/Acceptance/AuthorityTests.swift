import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// 11. Certificates and the authority are replaced while everybody syncs, and who is left behind is told why
/// (cockroach#14126, kanidm#3916).
@Suite struct AuthorityTests {
  private let mesh: Mesh
  private static let offices = ["rabat", "fes"]

  init() throws {
    mesh = try Mesh()
    for office in Self.offices { try mesh.office(office) }
    for device in ["amina", "karim"] { try mesh.device(device) }
    try mesh.grant("field/*", "projects", at: "rabat")
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: "\(mesh.path)/\(file)", encoding: .utf8)
  }

  /// In one step, as an administrator would: a server may look at any moment.
  private func write(_ text: String, to file: String) throws {
    try text.write(toFile: "\(mesh.path)/\(file)", atomically: true, encoding: .utf8)
  }

  private func reload(_ offices: [String] = Self.offices) throws {
    for office in offices {
      let server = try #require(mesh.server(office))
      let before = server.errors.ranges(of: "were read anew").count
      server.process.send(SIGHUP)
      try server.wait { $0.errors.ranges(of: "were read anew").count > before }
    }
  }

  /// Trusted are the authorities of these folders, from now on.
  private func trust(_ folders: [String], in store: String) throws {
    for file in ["ca.pem", "crl.pem"] {
      try write(folders.map { try text("\($0)/\(file)") }.joined(), to: "\(store)/\(file)")
    }
  }

  private func issue(_ office: String, by folder: String) throws {
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", folder, "office/\(office)", "--host", "127.0.0.1",
      "--host", "localhost", "--out", "\(office)/identity", "--force")
  }

  private func issue(device: String, by folder: String) throws {
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", folder, "field/\(device)", "--request",
      "\(device)/request.csr", "--out", "\(device)/identity", "--force")
  }

  private func expectServed(
    _ devices: String..., by offices: [String] = Self.offices,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for device in devices {
      for office in offices {
        let run = try mesh.sync(device, with: office)
        #expect(
          run.status == 0, "\(device) \(office) \(run.output)", sourceLocation: sourceLocation)
      }
    }
  }

  private func expectRefused(
    _ device: String, by office: String, _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try mesh.sync(device, with: office)
    #expect(run.status == 77, sourceLocation: sourceLocation)
    #expect(
      try run.json["error"]?["name"]?.text == name, "\(run.output)", sourceLocation: sourceLocation)
  }

  /// What is written at the device that watches reaches the office that it does not know, at every stage.
  private func expectFlow(_ id: String) throws {
    try mesh.must("syncclient", "put", "--data", "amina", "projects", id, "title=\(id)")
    try mesh.wait { try mesh.client("get", "--data", "fes", "projects", id).status == 0 }
  }

  @Test func theAuthorityIsReplacedWhileEverybodySyncs() throws {
    for office in Self.offices { try mesh.start(office) }
    try mesh.must("syncserver", "peer", "add", "--data", "rabat", mesh.address("fes"))
    // A session that lasts from the old authority to its end.
    let watch = try RunningProgram(
      "syncclient", ["watch", "--data", "amina", "--server", mesh.address("rabat")],
      in: mesh.path, label: "watch")
    try expectFlow("old")
    try mesh.wait { try mesh.sync("karim", with: "fes").status == 0 }

    // Both are trusted, by everybody.
    try mesh.must("syncserver", "pki", "init", "--dir", "new", "--organisation", "Test")
    for store in Self.offices + ["karim"] { try trust(["ca", "new"], in: store) }
    try reload()
    try mesh.device("nadia")
    try issue(device: "nadia", by: "new")
    try trust(["ca", "new"], in: "nadia")
    try expectServed("karim", "nadia")
    try expectFlow("both")

    // The offices show certificates of the new one.
    for office in Self.offices { try issue(office, by: "new") }
    try reload()
    try expectServed("karim", "nadia")
    // A revocation of either authority holds.
    try mesh.device("stolen")
    try trust(["ca", "new"], in: "stolen")
    try expectServed("stolen")
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/stolen")
    try trust(["ca", "new"], in: "rabat")
    try mesh.wait { try mesh.sync("stolen", with: "rabat").status == 77 }
    try expectRefused("stolen", by: "rabat", "certificate-revoked")
    // Who has not heard of the new one is told what is wrong, and by which side.
    try mesh.device("late")
    try expectRefused("late", by: "rabat", "server-unknown-authority")
    // Nothing of all this has touched the session that was open.
    try expectFlow("new")
    #expect(watch.process.isRunning && !watch.errors.contains("tried again"), "\(watch.errors)")

    // The old one goes.
    for office in Self.offices { try trust(["new"], in: office) }
    try reload()
    #expect(watch.waited() == 77)
    #expect(watch.errors.contains("not from an authority trusted here"), "\(watch.errors)")
    for office in Self.offices {
      try expectRefused("karim", by: office, "certificate-unknown-authority")
    }
    try expectServed("nadia")
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "last", "title=last")
    try mesh.wait { try mesh.client("get", "--data", "fes", "projects", "last").status == 0 }
    try mesh.wait {
      try mesh.must("syncserver", "audit", "--data", "rabat", "--event", "refused", "--json").lines
        .contains { $0["code"]?.text == "unknown-authority" }
    }
    // Nothing is lost of who was late: a new certificate over the same key, and the same store.
    try mesh.must("syncclient", "put", "--data", "karim", "projects", "late", "title=late")
    try issue(device: "karim", by: "new")
    try expectServed("karim")
    #expect(try mesh.client("get", "--data", "rabat", "projects", "late").status == 0)
  }

  /// An expired certificate, on either side: its name, 77, and back again with a new one.
  @Test func whatHasExpiredIsNamed() throws {
    let old = TestPKI.now(plusDays: -30)
    let authority = try TestPKI(authorityPEM: text("ca/ca.pem"), keyPEM: text("ca/ca.key"))
    let reissued = try authority.reissue(
      text("karim/identity.pem"), for: "officesync://field/karim", validity: old)
    try mesh.start("rabat")
    try expectServed("karim", by: ["rabat"])
    try write(reissued, to: "karim/identity.pem")
    try expectRefused("karim", by: "rabat", "certificate-expired")
    try issue(device: "karim", by: "ca")
    try expectServed("karim", by: ["rabat"])

    // An office's: a server does not start with one that has ended, and one that runs goes on until it is renewed.
    let office = try authority.office("fes", validity: old)
    try write(office.chainPEM, to: "fes/identity.pem")
    try write(office.keyPEM, to: "fes/identity.key")
    let run = try mesh.run(
      "syncserver", "run", "--data", "fes", "--listen", "127.0.0.1:0", "--json")
    #expect(run.status == 77)
    #expect(try run.json["error"]?["name"]?.text == "certificate-expired", "\(run.output)")
    try issue("fes", by: "ca")
    try mesh.start("fes")
    try expectServed("amina", by: ["fes"])
  }
}
