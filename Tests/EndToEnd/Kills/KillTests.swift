import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// `kill -9` at any moment loses no acknowledged write, and what was begun can be finished.
@Suite struct KillTests {
  private let mesh: Mesh
  private let killer: Killer

  init() throws {
    mesh = try Mesh()
    killer = Killer(mesh)
    try mesh.office("rabat")
    try mesh.device("amina")
    try mesh.grant("field/amina", "projects", at: "rabat")
  }

  private func client(_ arguments: String...) throws -> RunningProgram {
    try RunningProgram("syncclient", arguments, in: mesh.path, label: "victim")
  }

  private func exchange(_ verb: String) throws -> RunningProgram {
    try client(verb, "--data", "amina", "--server", mesh.address("rabat"))
  }

  private func expectEverythingEverywhere() throws {
    #expect(try mesh.exchange("amina", with: "rabat")["inSync"]?.bool == true)
    try killer.expectNothingLost(in: ["rabat", "amina"])
    let fingerprints = try ["rabat", "amina"].map { try mesh.fingerprint("projects", in: $0) }
    #expect(fingerprints[0] != nil)
    #expect(fingerprints[0] == fingerprints[1])
    for write in killer.acknowledged {
      let copy = try mesh.record(write.id, in: write.store == "rabat" ? "amina" : "rabat")
      #expect(copy["fields"]?["title"]?.text == "Acknowledged")
    }
  }

  @Test func anImportIsFinishedByImportingAgain() throws {
    for _ in 0..<Killer.rounds {
      try killer.untilHit {
        let file = try killer.freshFile()
        let before = try killer.count(in: "rabat")
        let importing = try client("import", "--data", "rabat", "projects", file.name)
        let isHit = try killer.strike(
          importing, atWorkOf: importing, on: "rabat", acknowledging: "rabat")
        try killer.expectNothingLost(in: ["rabat"])
        let stored = try killer.count(in: "rabat") - before - 1
        #expect(stored >= 0)
        let again = try mesh.must(
          "syncclient", "import", "--data", "rabat", "projects", file.name, "--json"
        ).json
        #expect(again["written"]?.int == file.rows - stored)
        #expect(try killer.count(in: "rabat") == before + 1 + file.rows)
        let third = try mesh.must(
          "syncclient", "import", "--data", "rabat", "projects", file.name, "--json"
        ).json
        #expect(third["written"]?.int == 0)
        return isHit && stored < file.rows
      }
    }
    try killer.expectNothingLost(in: ["rabat"])
  }

  @Test func aPullGoesOnWhereItWasKilled() throws {
    try mesh.start("rabat")
    for _ in 0..<Killer.rounds {
      try killer.untilHit {
        try importFresh(at: "rabat")
        let pull = try exchange("pull")
        let isHit = try killer.strike(pull, atWorkOf: pull, on: "amina", acknowledging: "amina")
        try killer.expectNothingLost(in: ["rabat", "amina"])
        let isPartial = try killer.count(in: "amina") < killer.count(in: "rabat")
        try expectEverythingEverywhere()
        return isHit && isPartial
      }
    }
    try expectTheServerIsWell()
  }

  @Test(arguments: ["push", "sync"])
  func aDeviceKilledWhileItSendsGoesOn(_ verb: String) throws {
    try mesh.start("rabat")
    for _ in 0..<Killer.rounds {
      try killer.untilHit {
        try importFresh(at: "amina")
        let send = try exchange(verb)
        let isHit = try killer.strike(send, atWorkOf: send, on: "rabat", acknowledging: "amina")
        try killer.expectNothingLost(in: ["rabat", "amina"])
        let isPartial = try killer.count(in: "rabat") < killer.count(in: "amina")
        try expectEverythingEverywhere()
        return isHit && isPartial
      }
    }
    try expectTheServerIsWell()
  }

  @Test func aServerKilledWhileADeviceSendsGoesOn() throws {
    for _ in 0..<Killer.rounds {
      try killer.untilHit {
        try importFresh(at: "amina")
        let server = try mesh.start("rabat")
        let push = try exchange("push")
        let isHit = try killer.strike(server, atWorkOf: push, on: "rabat", acknowledging: "rabat")
        let status = push.waited()
        try killer.expectNothingLost(in: ["rabat", "amina"])
        let isPartial = try killer.count(in: "rabat") < killer.count(in: "amina") + 1
        if isHit && isPartial {
          #expect(status == 69, "\(push.errors)")
          #expect(push.errors.contains("error: "))
        }
        try mesh.start("rabat")
        try expectEverythingEverywhere()
        try mesh.stop("rabat")
        return isHit && isPartial
      }
    }
  }

  private func importFresh(at store: String) throws {
    let file = try killer.freshFile()
    try mesh.must("syncclient", "import", "--data", store, "projects", file.name)
  }

  /// It went through all of it in one piece.
  private func expectTheServerIsWell() throws {
    let server = try #require(mesh.server("rabat"))
    #expect(server.process.isRunning)
    #expect(server.end(with: SIGTERM) == 0)
    let broken = server.errors.split(separator: "\n").filter { $0.contains("broken off") }
    // Not each of them: who is killed before he has said who he is leaves nothing half done.
    #expect(!broken.isEmpty)
    #expect(!server.errors.contains(" error "), "\(server.errors)")
  }
}
