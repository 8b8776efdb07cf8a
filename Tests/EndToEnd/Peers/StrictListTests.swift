import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// An office whose revocation list is past its time: it warns and serves, or with `strict-crl` lets nobody in.
@Suite struct StrictListTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
    func read(_ file: String) throws -> String {
      try String(contentsOfFile: "\(mesh.path)/ca/\(file)", encoding: .utf8)
    }
    let old = try TestPKI(authorityPEM: read("ca.pem"), keyPEM: read("ca.key"))
      .revocationList(of: [], validity: TestPKI.now(plusDays: -30))
    try mesh.folder.write(old, to: "rabat/crl.pem")
  }

  private func name(_ run: ProgramRun) throws -> String? { try run.json["error"]?["name"]?.text }

  @Test func itWarnsAndServes() throws {
    let server = try mesh.start("rabat")
    #expect(try mesh.sync("amina", with: "rabat").status == 0)
    try server.wait { $0.errors.contains("the revocation list has expired") }
  }

  @Test func strictlyNobodyIsLetInUntilThereIsANewOne() throws {
    let server = try mesh.start("rabat", "--strict-crl")
    let refused = try mesh.sync("amina", with: "rabat")
    #expect(refused.status == 77)
    #expect(try name(refused) == "certificate-refused")
    try server.wait { $0.errors.contains("the revocation list has expired") }
    try mesh.wait {
      try mesh.must("syncserver", "audit", "--data", "rabat", "--event", "refused", "--json").lines
        .contains { $0["code"]?.text == "revocation-list-rejected" }
    }
    try mesh.must("syncserver", "pki", "renew-list", "--dir", "ca")
    try mesh.copyAuthority(to: "rabat")
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 0 }
    #expect(server.process.isRunning)
  }

  @Test func theConfigurationSaysItToo() throws {
    try mesh.set("strict-crl = true", in: "rabat")
    let server = try mesh.start("rabat")
    #expect(try name(mesh.sync("amina", with: "rabat")) == "certificate-refused")
    let run = try mesh.run("syncserver", "doctor", "--data", "rabat", "--findings")
    #expect(run.output.contains("with strict-crl nobody is let in"))
    try mesh.set("strict-crl = false", in: "rabat")
    server.process.send(SIGHUP)
    try mesh.wait { try mesh.sync("amina", with: "rabat").status == 0 }
  }
}
