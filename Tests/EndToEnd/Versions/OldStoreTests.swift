import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Stores that earlier programs made, in today's mesh (`scripts/make-store`).
@Suite struct OldStoreTests {
  private static let stores = RepositoryFiles.path("Tests/StorageTests/Stores")
  private static let formats =
    ((try? FileManager.default.contentsOfDirectory(atPath: stores)) ?? [])
    .filter { $0.hasSuffix(".sqlite") }.sorted()

  @Test func thereAreSome() { #expect(!Self.formats.isEmpty) }

  @Test(arguments: formats)
  func anOfficeGoesOnFromThere(file: String) throws {
    let mesh = try Mesh()
    // The file is an office/rabat's.
    try mesh.office("rabat")
    let target = "\(mesh.path)/rabat/store.sqlite"
    for rest in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: target + rest) }
    try FileManager.default.copyItem(atPath: "\(Self.stores)/\(file)", toPath: target)
    chmod(target, 0o600)
    func counts(_ store: String) throws -> [Int?] {
      let status = try mesh.must("syncclient", "status", "--data", store, "--json").json
      return ["records", "conflicts"].map { status.collection("projects")?[$0]?.int }
    }
    let before = try counts("rabat")
    #expect(before == [27, 2])

    try mesh.must("syncclient", "verify", "--local", "--data", "rabat")
    try mesh.device("salma")
    try mesh.office("fes")
    try mesh.start("rabat")
    try mesh.put("salma", "new", "title/fr=Nouveau")
    #expect(try mesh.exchange("salma", with: "rabat")["inSync"]?.bool == true)
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == true)
    #expect(try counts("salma") == [28, 2])
    let fingerprints = try ["rabat", "salma", "fes"].map {
      try mesh.fingerprint("projects", in: $0)
    }
    #expect(Set(fingerprints).count == 1)
    // A conflict of then is settled now; history of then is there.
    let paths = try mesh.must("syncclient", "conflicts", "projects", "--data", "rabat", "--json")
      .lines.map { $0["path"]?.text ?? "" }
    #expect(paths == ["budget/amount", "jobsTarget"])
    try mesh.must(
      "syncclient", "resolve", "projects", "future-hub", "jobsTarget", "--value", "700", "--data",
      "rabat")
    #expect(
      try mesh.must("syncclient", "log", "projects", "of-office", "--data", "rabat").output
        .contains("Un"))
  }
}
