import Foundation
import OfficeSyncRecords
import Testing

/// Many programs at once on one office.
@Suite struct ConcurrentSyncTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    try mesh.office("rabat")
    try mesh.grant("field/*", "projects", at: "rabat")
    try mesh.start("rabat")
  }

  private func startSync(_ store: String, label: String) throws -> RunningProgram {
    try RunningProgram(
      "syncclient", ["sync", "--data", store, "--server", mesh.address("rabat"), "--json"],
      in: mesh.path, label: label)
  }

  @Test func devicesSyncAtOnceWhileTheOfficeWrites() throws {
    let devices = (0..<6).map { "d\($0)" }
    for device in devices {
      try mesh.device(device)
      try mesh.must("syncclient", "put", "--data", device, "projects", device, "title=\(device)")
      try mesh.must("syncclient", "put", "--data", device, "projects", "shared", "title=\(device)")
    }
    let syncs = try devices.map { try startSync($0, label: "sync-\($0)") }
    for n in 0..<10 {
      try mesh.must("syncclient", "put", "--data", "rabat", "projects", "office-\(n)", "title=x")
    }
    for sync in syncs { #expect(sync.waited() == 0, "\(sync.output)") }
    for device in devices {
      #expect(try mesh.exchange(device, with: "rabat")["inSync"]?.bool == true)
    }
    for device in devices { try mesh.exchange(device, with: "rabat") }
    let all = try (["rabat"] + devices).map { try mesh.fingerprint("projects", in: $0) }
    #expect(Set(all).count == 1)
    for device in devices {
      #expect(try mesh.record(device, in: "rabat")["fields"]?["title"]?.text == device)
    }
  }

  /// Whoever comes second is told so; that nothing is lost by it goes without saying, and is looked at.
  @Test func syncsOfOneStoreAtOnceAreRefusedButForOne() throws {
    try mesh.device("amina")
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "A1", "title=Mine")
    let (_, slow) = try mesh.startPeer(["drip", String(mesh.port("rabat"))], label: "slow")
    let syncs = try (0..<5).map {
      try RunningProgram(
        "syncclient", ["sync", "--data", "amina", "--server", slow, "--json"], in: mesh.path,
        label: "sync-\($0)")
    }
    let statuses = syncs.map { $0.waited() }
    #expect(statuses.contains(0))
    #expect(statuses.allSatisfy { [0, 75].contains($0) }, "\(statuses)")
    #expect(try mesh.record("A1", in: "rabat")["fields"]?["title"]?.text == "Mine")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
  }
}
