#if os(Linux)
  import Foundation
  import OfficeSyncRecords
  import OfficeSyncTestSupport
  import Testing

  /// A disk that is nearly full: what comes from others waits before SQLite has no room left, and own work goes on.
  @Suite(.enabled(if: SmallDisk.isPossible)) struct ReserveTests {
    private let mesh: Mesh
    private let disk: SmallDisk

    init() throws {
      mesh = try Mesh()
      disk = try SmallDisk(at: "\(mesh.path)/small", megabytes: 64)
    }

    private func expectRefused(_ run: ProgramRun) throws {
      #expect(run.status == 74, "\(run.output)\(run.errors)")
      #expect(try run.json["error"]?["name"]?.text == "disk-nearly-full", "\(run.output)")
    }

    @Test func aDeviceReadsWritesAndPushesAndTakesNothing() throws {
      try mesh.office("rabat")
      try mesh.device("small")
      try mesh.grant("field/*", "projects", at: "rabat")
      try mesh.put("rabat", "gare", "title=Gare")
      try mesh.put("small", "port", "title=Port")
      try mesh.folder.write("id,title\nP1,Projet\n", to: "rows.csv")
      try mesh.start("rabat")
      // Less than 5 %, and far more than all this needs.
      try disk.fill(leaving: 3 << 20)

      try expectRefused(try mesh.sync("small", with: "rabat", "pull"))
      try expectRefused(
        try mesh.client("import", "--data", "small", "projects", "rows.csv", "--json"))
      try mesh.must("syncclient", "import", "--data", "small", "projects", "rows.csv", "--dry-run")
      #expect(try mesh.record("port", in: "small")["fields"]?["title"]?.text == "Port")
      try mesh.put("small", "pont", "title=Pont")
      try mesh.must("syncclient", "rm", "--data", "small", "projects", "pont")
      // A sync does the half of it that makes nothing worse.
      try expectRefused(try mesh.sync("small", with: "rabat"))
      #expect(try mesh.record("port", in: "rabat")["fields"]?["title"]?.text == "Port")
      try mesh.put("small", "phare", "title=Phare")
      #expect(try mesh.exchange("small", with: "rabat", "push")["sent"]?.int == 1)

      try disk.makeRoom()
      #expect(try mesh.exchange("small", with: "rabat")["inSync"]?.bool == true)
      #expect(try mesh.record("gare", in: "small")["fields"]?["title"]?.text == "Gare")
      try mesh.must("syncclient", "import", "--data", "small", "projects", "rows.csv")
    }

    @Test func anOfficeServesPurgesAndTakesNothing() throws {
      try mesh.office("small")
      try mesh.device("amina")
      try mesh.grant("field/*", "projects", at: "small")
      try mesh.put("small", "gare", "title=Gare")
      try mesh.put("small", "port", "title=Port")
      try mesh.put("amina", "pont", "title=Pont")
      let server = try mesh.start("small")
      try disk.fill(leaving: 3 << 20)

      let sync = try mesh.sync("amina", with: "small")
      #expect(sync.status == 69, "\(sync.output)")
      #expect(try sync.json["error"]?["name"]?.text == "server-storage-failed", "\(sync.output)")
      #expect(try mesh.record("gare", in: "amina")["fields"]?["title"]?.text == "Gare")
      let status = try mesh.must("syncclient", "status", "--data", "amina", "--json").json
      #expect(status.collection("projects")?["unsent"]?.int == 1)
      #expect(try mesh.sync("amina", with: "small", "push").status == 69)
      try server.wait { $0.errors.contains("its disk is nearly full") }
      try mesh.must("syncclient", "purge", "--data", "small", "projects", "port", "--yes")
      #expect(try mesh.sync("amina", with: "small", "pull").status == 0)

      try disk.makeRoom()
      #expect(try mesh.exchange("amina", with: "small")["inSync"]?.bool == true)
      #expect(try mesh.record("pont", in: "small")["fields"]?["title"]?.text == "Pont")
    }

    /// A standing peer catches up by itself, once there is room.
    @Test func aStandingPeerCatchesUp() throws {
      try mesh.office("rabat")
      try mesh.office("small")
      try mesh.start("rabat")
      try disk.fill(leaving: 3 << 20)
      try mesh.start("small")
      try mesh.must("syncserver", "peer", "add", "--data", "small", mesh.address("rabat"))
      try mesh.put("rabat", "gare", "title=Gare")
      try mesh.put("small", "port", "title=Port")
      try mesh.server("small")?.wait { $0.errors.contains("are kept for what cannot wait") }
      try mesh.wait { try mesh.client("get", "--data", "rabat", "projects", "port").status == 0 }
      #expect(try mesh.client("get", "--data", "small", "projects", "gare").status == 1)
      try disk.makeRoom()
      try mesh.wait { try mesh.client("get", "--data", "small", "projects", "gare").status == 0 }
    }

    @Test func theConfigurationDecides() throws {
      try mesh.device("small")
      try mesh.folder.write("id,title\nP1,Projet\n", to: "rows.csv")
      try mesh.set("reserve = 50", in: "small")
      try disk.fill(leaving: 20 << 20)
      let importing = ["import", "--data", "small", "projects", "rows.csv", "--json"]
      try expectRefused(try BuiltPrograms.run("syncclient", importing, in: mesh.path))
      try mesh.set("reserve = 0", in: "small")
      #expect(try BuiltPrograms.run("syncclient", importing, in: mesh.path).status == 0)
    }
  }
#endif
