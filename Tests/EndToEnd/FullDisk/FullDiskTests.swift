#if os(Linux)
  import Foundation
  import OfficeSyncRecords
  import OfficeSyncTestSupport
  import Testing

  /// A disk without room, where no reserve was kept: the command says so (74), what was acknowledged stays, and all goes on once there is room.
  @Suite(.enabled(if: SmallDisk.isPossible)) struct FullDiskTests {
    private let mesh: Mesh
    /// The one store whose disk is small.
    private let disk: SmallDisk

    init() throws {
      mesh = try Mesh()
      disk = try SmallDisk(at: "\(mesh.path)/small", megabytes: 24)
    }

    private func device(_ name: String) throws {
      try mesh.device(name)
      try mesh.set("reserve = 0", in: name)
    }

    private func count(in store: String) throws -> Int {
      try mesh.must("syncclient", "status", "--data", store, "--json").json
        .collection("projects")?["records"]?.int ?? 0
    }

    private func writeRows(_ count: Int, to file: String) throws {
      let text = String(repeating: "convention signée ", count: 30)
      let rows = (0..<count).map { "P\($0),Projet \($0),\(text)\n" }.joined()
      try mesh.folder.write("id,title,note\n" + rows, to: file)
    }

    private func expectFull(_ run: ProgramRun) throws {
      #expect(run.status == 74, "\(run.output)\(run.errors)")
      #expect(try run.json["error"]?["name"]?.text == "disk-full", "\(run.output)")
    }

    @Test func putsThatWereAcknowledgedStay() throws {
      try device("small")
      try mesh.must("syncclient", "put", "--data", "small", "projects", "A0", "title=Before")
      try disk.fill(leaving: 200_000)
      var written = ["A0"]
      let note = String(repeating: "x", count: 5_000)
      while written.count < 200 {
        let id = "A\(written.count)"
        let run = try mesh.client(
          "put", "--data", "small", "projects", id, "note=\(note)", "--json")
        if run.status != 0 {
          try expectFull(run)
          break
        }
        written.append(id)
      }
      #expect((2..<200).contains(written.count))
      try disk.makeRoom()
      #expect(try count(in: "small") == written.count)
      for id in written { _ = try mesh.record(id, in: "small") }
      try mesh.must("syncclient", "put", "--data", "small", "projects", "A0", "title=After")
    }

    @Test func anImportIsFinishedByImportingAgain() throws {
      try device("small")
      try writeRows(6_000, to: "rows.csv")
      try disk.fill(leaving: 4 << 20)
      try expectFull(try mesh.client("import", "--data", "small", "projects", "rows.csv", "--json"))
      try disk.makeRoom()
      let stored = try count(in: "small")
      #expect((0..<6_000).contains(stored))
      let again = try mesh.must(
        "syncclient", "import", "--data", "small", "projects", "rows.csv", "--json")
      #expect(try again.json["written"]?.int == 6_000 - stored)
      #expect(try count(in: "small") == 6_000)
    }

    @Test func aPullGoesOn() throws {
      try mesh.office("rabat")
      try device("small")
      try mesh.grant("field/*", "projects", at: "rabat")
      try writeRows(6_000, to: "rows.csv")
      try mesh.must("syncclient", "import", "--data", "rabat", "projects", "rows.csv")
      let server = try mesh.start("rabat")
      try disk.fill(leaving: 4 << 20)
      try expectFull(try mesh.sync("small", with: "rabat", "pull"))
      // The office hears why the session ended, and has not ended itself.
      try server.wait { $0.errors.contains("session broken off") }
      try disk.makeRoom()
      let stored = try count(in: "small")
      #expect((0..<6_000).contains(stored))
      let rest = try mesh.exchange("small", with: "rabat")
      #expect(rest["inSync"]?.bool == true)
      // What was durable was not fetched again.
      #expect((rest["received"]?.int ?? 0) <= 6_000 - stored + 1)
      #expect(
        try mesh.fingerprint("projects", in: "small") == mesh.fingerprint("projects", in: "rabat"))
    }

    @Test func aPushToAFullOfficeIsToldAndGoesOn() throws {
      try mesh.office("small")
      try mesh.set("reserve = 0", in: "small")
      try mesh.device("amina")
      try mesh.grant("field/*", "projects", at: "small")
      try writeRows(6_000, to: "rows.csv")
      try mesh.must("syncclient", "import", "--data", "amina", "projects", "rows.csv")
      let server = try mesh.start("small")
      try disk.fill(leaving: 4 << 20)
      let push = try mesh.sync("amina", with: "small", "push")
      #expect(push.status == 69)
      #expect(try push.json["error"]?["name"]?.text == "server-storage-failed", "\(push.output)")
      #expect(server.process.isRunning)
      #expect(server.errors.contains("reason=diskFull"), "\(server.errors)")
      let status = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
      #expect(status.collection("projects")?["unsent"]?.int == 6_000)

      // The same server goes on.
      try disk.makeRoom()
      #expect(try mesh.exchange("amina", with: "small")["inSync"]?.bool == true)
      #expect(try count(in: "small") == 6_000)
      #expect(
        try mesh.fingerprint("projects", in: "small") == mesh.fingerprint("projects", in: "amina"))
      try mesh.stop("small")
    }
  }
#endif
