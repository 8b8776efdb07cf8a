import Foundation
import OfficeSyncRecords
import Testing

/// A server's folder is put back from last night's copy.
@Suite struct RestoredServerTests {
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["rabat", "fes"] {
      try mesh.office(office)
      try mesh.grant("field/*", "projects", at: office)
    }
    try mesh.device("amina")
    try mesh.put("rabat", "hub", "title=Hub")
    try mesh.start("rabat")
    try mesh.start("fes")
    try mesh.exchange("fes", with: "rabat")
    try mesh.exchange("amina", with: "rabat")
    try mesh.stop("rabat")
    try mesh.copyFolder("rabat", to: "last-night")
    try mesh.start("rabat")
  }

  private func expectEqual(_ stores: String...) throws {
    let fingerprints = try stores.map { try mesh.fingerprint("projects", in: $0) }
    #expect(Set(fingerprints).count == 1)
  }

  /// Named after medic/cht-core issue 8093: a laptop pushed today, the server is put back from yesterday's copy, and the
  /// edits come back without anybody acting by hand.
  @Test func serverRestoredFromYesterdayCHT8093() throws {
    let id = try #require(try mesh.replica("rabat"))
    // Today the office wrote too, and the laptop builds on that.
    try mesh.put("rabat", "hub", "budget=5")
    try mesh.put("rabat", "port", "title=Port")
    try mesh.exchange("amina", with: "rabat")
    try mesh.put("amina", "hub", "status=visited")
    try mesh.put("amina", "port", "status=visited")
    try mesh.exchange("amina", with: "rabat")

    try mesh.stop("rabat")
    try mesh.copyFolder("last-night", to: "rabat")
    try mesh.put("rabat", "after", "title=Written after it was put back")
    try mesh.start("rabat")
    #expect(try mesh.replica("rabat") != id)
    #expect(try #require(mesh.server("rabat")).errors.contains("in recovery"))
    let status = try mesh.must("syncserver", "status", "--data", "rabat", "--json").json
    #expect(status["recovering"]?.bool == true)

    try mesh.put("amina", "hub", "note=one more")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    try expectEqual("amina", "rabat")
    for (field, value) in [("status", "visited"), ("note", "one more")] {
      #expect(try mesh.values("rabat", "hub", field) == [value])
    }
    #expect(try mesh.record("hub", in: "rabat")["fields"]?["budget"]?.int == 5)
    #expect(try mesh.values("rabat", "port", "title") == ["Port"])
    #expect(try mesh.values("amina", "after", "title") == ["Written after it was put back"])

    try mesh.must("syncserver", "recovery", "--data", "rabat", "--close")
    let closed = try mesh.must("syncserver", "recovery", "--data", "rabat", "--json").json
    #expect(closed["recovering"]?.bool == false)
    try mesh.put("amina", "hub", "note=after it was closed")
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == true)
    try expectEqual("amina", "rabat", "fes")
  }

  /// An image of the disk: only the peers know.
  @Test func aServersDiskIsPutBackAndItsPeersHaveWrittenSince() throws {
    let id = try #require(try mesh.replica("rabat"))
    try mesh.put("rabat", "hub", "budget=5")
    try mesh.exchange("fes", with: "rabat")
    try mesh.put("fes", "hub", "status=from fes")
    try mesh.stop("rabat")
    try mesh.overwrite("rabat", with: "last-night")
    try mesh.put("rabat", "hub", "budget=7")
    try mesh.start("rabat")
    #expect(try mesh.replica("rabat") == id)

    let met = try mesh.client("sync", "--data", "fes", "--server", mesh.address("rabat"), "--json")
    #expect(met.status == 0)
    #expect(try met.json["collections"]?.items?.first?["inSync"]?.bool == true)
    #expect(try met.json["healed"]?.items?.first?["serverRenewed"]?.bool == true)
    // What the server wrote since was shown to nobody: it stepped aside alone.
    #expect(try met.json["healed"]?.items?.first?["renamed"]?.items?.isEmpty == true)
    #expect(met.errors.contains("was copied, or put back from a copy"))
    #expect(try #require(mesh.server("rabat")).errors.contains("it goes on under a new replica ID"))
    #expect(try mesh.replica("rabat") != id)
    try expectEqual("rabat", "fes")
    let budgets = try mesh.record("hub", in: "fes")["conflicts"]?["budget"]?.items
    #expect(Set(budgets?.compactMap { $0["value"]?.int } ?? []) == [5, 7])
    #expect(try mesh.values("rabat", "hub", "status") == ["from fes"])
  }

  @Test func oneCopyIsPutBackTwice() throws {
    for round in ["first", "second"] {
      try mesh.put("rabat", "hub", "status=before the \(round)")
      try mesh.exchange("fes", with: "rabat")
      try mesh.stop("rabat")
      try mesh.overwrite("rabat", with: "last-night")
      try mesh.put("rabat", round, "title=after the \(round)")
      try mesh.start("rabat")
      #expect(try mesh.exchange("fes", with: "rabat")["inSync"]?.bool == true)
    }
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    try expectEqual("rabat", "fes", "amina")
    for round in ["first", "second"] {
      #expect(try mesh.values("amina", round, "title") == ["after the \(round)"])
    }
    #expect(try mesh.values("amina", "hub", "status") == ["before the second"])
  }
}
