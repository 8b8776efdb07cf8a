import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// A revocation list that one office was given reaches the others by the way of everything else.
@Suite struct RevocationTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat", "fes"] { try mesh.office(office) }
    try mesh.device("amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
  }

  private func list(of office: String) throws -> Data {
    try Data(contentsOf: URL(filePath: "\(mesh.path)/\(office)/crl.pem"))
  }

  private func meet(_ office: String, _ other: String) throws {
    #expect(try mesh.sync(office, with: other).status == 0)
  }

  private func expectRefused(at office: String) throws {
    let refused = try mesh.sync("amina", with: office)
    #expect(refused.status == 77)
    #expect(try refused.json["error"]?["name"]?.text == "certificate-revoked")
  }

  /// Casablanca is told, Rabat hears it from Casablanca's own machine, Fes from Rabat, and none of them is touched.
  @Test func theNewestListReachesEveryOffice() throws {
    for office in ["rabat", "fes"] { try mesh.start(office) }
    try meet("rabat", "fes")
    for office in ["rabat", "fes"] { #expect(try mesh.sync("amina", with: office).status == 0) }

    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    let before = try list(of: "fes")
    try mesh.copyAuthority(to: "casablanca")
    try mesh.start("casablanca")
    try meet("rabat", "casablanca")
    try mesh.server("rabat")?.wait { $0.errors.contains("a newer revocation list") }
    try expectRefused(at: "rabat")
    #expect(try list(of: "rabat") == list(of: "casablanca"))
    #expect(try list(of: "fes") == before)

    try meet("fes", "rabat")
    try mesh.server("fes")?.wait { $0.errors.contains("a newer revocation list") }
    try expectRefused(at: "fes")
    #expect(try list(of: "fes") == list(of: "casablanca"))
  }

  /// An older list in an office's folder, put back from a copy, does not bring anybody back.
  @Test func anOlderListDoesNotComeBack() throws {
    let before = try list(of: "rabat")
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try mesh.copyAuthority(to: "rabat")
    try mesh.start("rabat")
    try expectRefused(at: "rabat")
    try before.write(to: URL(filePath: "\(mesh.path)/rabat/crl.pem"))
    try mesh.stop("rabat")
    try mesh.start("rabat")
    try mesh.server("rabat")?.wait { $0.errors.contains("a newer revocation list") }
    try expectRefused(at: "rabat")
  }

  /// What another authority signed is nobody's revocation list here.
  @Test func aListOfAnotherAuthorityIsNotTaken() throws {
    try mesh.must("syncserver", "pki", "init", "--dir", "other", "--organisation", "Test")
    try FileManager.default.removeItem(atPath: "\(mesh.path)/casablanca/crl.pem")
    try FileManager.default.copyItem(
      atPath: "\(mesh.path)/other/crl.pem", toPath: "\(mesh.path)/casablanca/crl.pem")
    for office in ["rabat", "casablanca"] { try mesh.start(office) }
    try meet("rabat", "casablanca")
    let held = try mesh.client("ls", "$office", "--data", "rabat", "--json").lines
    #expect(held.count { $0["id"]?.text?.hasPrefix("revoked/") == true } == 1)
    #expect(try mesh.sync("amina", with: "rabat").status == 0)
  }
}
