import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// `syncserver run --metrics FILE`
@Suite struct MetricsFileTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "rabat")
  }

  private func text(_ name: String = "rabat.prom") -> String {
    (try? String(contentsOfFile: "\(mesh.path)/\(name)", encoding: .utf8)) ?? ""
  }

  @Test func theFileFollowsTheServer() throws {
    let server = try mesh.start("rabat", "--metrics", "rabat.prom")
    try mesh.wait { text().contains("officesync_build_info{") }
    #expect(text().contains("officesync_sessions_total{began=\"visitor\"} 0\n"))
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(mesh.path)/rabat.prom")
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o644)

    try mesh.put("amina", "gare", "title=Gare")
    try mesh.exchange("amina", with: "rabat")
    try mesh.wait { text().contains("officesync_sessions_total{began=\"visitor\"} 1\n") }
    #expect(text().contains("officesync_records{collection=\"projects\"} 1\n"))
    #expect(text().contains("officesync_received_records_total{began=\"visitor\"} 1\n"))
    // Another program's write is seen as well.
    try mesh.put("rabat", "port", "title=Port")
    try mesh.wait { text().contains("officesync_records{collection=\"projects\"} 2\n") }
    #expect(server.process.isRunning)
    #expect(!server.errors.contains("cannot be written"))
    // What a server that does not run had to say is not left lying around, nor a half of it.
    try mesh.stop("rabat")
    let left = try FileManager.default.contentsOfDirectory(atPath: mesh.path)
    #expect(!left.contains { $0.hasPrefix("rabat.prom") })
  }

  @Test func theSettingsNameTheFileToo() throws {
    try mesh.set(#"metrics = "figures.prom""#, in: "rabat")
    try mesh.start("rabat")
    try mesh.wait { text("rabat/figures.prom").contains("officesync_build_info{") }
  }

  @Test func aFileThatCannotBeWrittenIsToldAndStopsNothing() throws {
    let server = try mesh.start("rabat", "--metrics", "nowhere/rabat.prom")
    try server.wait { $0.errors.contains("the file of figures cannot be written") }
    try mesh.exchange("amina", with: "rabat", "pull")
    let wrong = try mesh.run("syncserver", "run", "--data", "rabat", "--metrics", "rabat.txt")
    #expect(wrong.status == 64)
  }
}
