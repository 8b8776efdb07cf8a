import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Programs that come back to an office without certificates.
@Suite struct ResumptionTests {
  private let mesh: Mesh
  private var ticket: String {
    "\(mesh.path)/amina/tickets/127.0.0.1_\(mesh.port("rabat")).ticket"
  }

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.start("rabat")
    try mesh.put("rabat", "hub", "title=Hub")
  }

  private func sync() throws -> JSONValue {
    let run = try mesh.sync("amina", with: "rabat")
    if run.status != 0 { throw Mesh.Failed(command: "sync", run: run) }
    return try run.json
  }

  private func number(_ value: JSONValue?) -> Int {
    if case .number(let text)? = value { Int(text) ?? .max } else { .max }
  }

  private func wireBytes(_ run: JSONValue) -> Int {
    number(run["bytesSent"]) + number(run["bytesReceived"])
  }

  @Test func theSecondVisitIsCheaper() throws {
    #expect(try sync()["resumed"] == .boolean(false))
    let attributes = try FileManager.default.attributesOfItem(atPath: ticket)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let resumed = try sync()
    #expect(resumed["resumed"] == .boolean(true))
    #expect(resumed["collections"]?.items?.first?["inSync"] == .boolean(true))
    try FileManager.default.removeItem(atPath: ticket)
    let full = try sync()
    #expect(full["resumed"] == .boolean(false))
    // Issue 5's figures, nothing changed.
    #expect(wireBytes(resumed) <= 1_800, "\(wireBytes(resumed))")
    #expect(wireBytes(full) <= 3_600, "\(wireBytes(full))")
  }

  @Test func aServerThatWasStartedAnewIsNoError() throws {
    _ = try sync()
    let address = mesh.address("rabat")
    try mesh.stop("rabat")
    try mesh.start("rabat", at: address)
    #expect(try sync()["resumed"] == .boolean(false))
    #expect(try sync()["resumed"] == .boolean(true))
  }

  @Test func aTicketThatOthersCouldReadOrThatIsDamagedIsLeftAlone() throws {
    _ = try sync()
    #expect(chmod(ticket, 0o644) == 0)
    #expect(try sync()["resumed"] == .boolean(false))
    #expect(try sync()["resumed"] == .boolean(true))
    try Data("rubbish".utf8).write(to: URL(filePath: ticket))
    #expect(try sync()["resumed"] == .boolean(false))
    #expect(try sync()["resumed"] == .boolean(true))
  }

  @Test func whoWasRevokedMeanwhileIsRefusedAsEver() throws {
    _ = try sync()
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/amina")
    try mesh.copyAuthority(to: "rabat")
    try mesh.server("rabat")?.wait { $0.errors.contains("were read anew") }
    let run = try mesh.sync("amina", with: "rabat")
    #expect(run.status == 77)
    #expect(try run.json["error"]?["name"]?.text == "certificate-revoked")
  }

  @Test func aNewListKeepsTheOthers() throws {
    _ = try sync()
    try mesh.device("karim")
    try mesh.must("syncserver", "pki", "revoke", "--dir", "ca", "field/karim")
    try mesh.copyAuthority(to: "rabat")
    try mesh.server("rabat")?.wait { $0.errors.contains("were read anew") }
    #expect(try sync()["resumed"] == .boolean(true))
  }

  @Test func aNewCertificateIsShown() throws {
    _ = try sync()
    try mesh.must(
      "syncserver", "pki", "issue", "--dir", "ca", "field/amina", "--request",
      "amina/request.csr", "--out", "amina/identity", "--force")
    #expect(try sync()["resumed"] == .boolean(false))
    #expect(try sync()["resumed"] == .boolean(true))
  }
}
