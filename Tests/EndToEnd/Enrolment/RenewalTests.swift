import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Certificates are renewed, or warned about, before they end.
@Suite struct RenewalTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.must(
      "syncserver", "pki", "enrolment", "--dir", "ca", "office/rabat", "--out", "rabat/enrolment")
    try mesh.start("rabat")
    let token = try mesh.must(
      "syncserver", "enrol", "field/amina", "--data", "rabat", "--address", mesh.address("rabat"),
      "--collections", "projects", "--json")
    try mesh.must(
      "syncclient", "enrol", #require(try token.json["token"]?.text), "--data", "amina")
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: "\(mesh.path)/\(file)", encoding: .utf8)
  }

  private func write(_ text: String, to file: String) throws {
    try text.write(toFile: "\(mesh.path)/\(file)", atomically: true, encoding: .utf8)
  }

  /// The device's certificate with another span, over the same key.
  private func age(_ validity: ClosedRange<Date>) throws {
    let old = try TestPKI(
      authorityPEM: text("rabat/enrolment/ca.pem"), keyPEM: text("rabat/enrolment/ca.key")
    ).reissue(text("amina/identity.pem"), for: "officesync://field/amina", validity: validity)
    try write(old, to: "amina/identity.pem")
  }

  /// The session goes by the old certificate until that ends; then the new one is shown.
  @Test func aWatchRenewsAndGoesOnBeyondTheEndOfTheOld() throws {
    let end = Date().addingTimeInterval(15)
    try age(Date().addingTimeInterval(-45)...end)
    let watch = try RunningProgram(
      "syncclient", ["watch", "--data", "amina"], in: mesh.path, label: "watch")
    try watch.wait { $0.errors.contains("has renewed this device's certificate") }
    try mesh.wait { Date() > end }
    try watch.wait { $0.errors.ranges(of: "Live with office/rabat").count >= 2 }
    try mesh.must("syncclient", "put", "--data", "rabat", "projects", "p1", "title=Gare")
    try watch.wait { $0.output.contains("Gare") }
    #expect(watch.process.isRunning)
    #expect(watch.errors.ranges(of: "has renewed").count == 1)
  }

  /// Nobody has to go to the laptops when the organisation gets a new authority.
  @Test func aRenewalBringsANewAuthority() throws {
    try mesh.must("syncserver", "pki", "init", "--dir", "new", "--organisation", "Test")
    for file in ["ca.pem", "crl.pem"] {
      try write(try text("ca/\(file)") + text("new/\(file)"), to: "rabat/\(file)")
    }
    let server = try #require(mesh.server("rabat"))
    server.process.send(SIGHUP)
    try server.wait { $0.errors.contains("were read anew") }
    try age(Date().addingTimeInterval(-25 * 86_400)...Date().addingTimeInterval(5 * 86_400))
    let run = try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(run.errors.contains("trusts a further authority"), "\(run.errors)")
    #expect(try text("amina/ca.pem").ranges(of: "BEGIN CERTIFICATE").count == 2)

    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "new", "office/rabat", "--host", "127.0.0.1",
      "--out", "rabat/identity", "--force")
    let reloads = server.errors.ranges(of: "were read anew").count
    server.process.send(SIGHUP)
    try server.wait { $0.errors.ranges(of: "were read anew").count > reloads }
    let after = try mesh.must("syncclient", "sync", "--data", "amina")
    #expect(!after.errors.contains("further"))
  }

  /// An office's is for whoever holds the authority: it is said wherever somebody looks.
  @Test func anOfficesEndIsSaid() throws {
    try mesh.office("fes")
    #expect(!(try mesh.sync("fes", with: "rabat").errors.contains("certificate ends")))
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "ca", "office/fes", "--host", "127.0.0.1", "--days",
      "5", "--out", "fes/identity", "--force")
    let sync = try mesh.sync("fes", with: "rabat")
    #expect(sync.status == 0)
    #expect(sync.errors.contains("this office's certificate ends on"), "\(sync.errors)")
    let status = try mesh.must("syncserver", "status", "--data", "fes")
    #expect(status.output.contains("Its certificate ends at"))
    let json = try mesh.must("syncserver", "status", "--data", "fes", "--json").json
    #expect(json["certificate"]?["notAfter"]?.text != nil)
  }
}
