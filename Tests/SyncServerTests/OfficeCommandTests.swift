import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncserver

/// `init`, `status` and `replicas`.
@Suite struct OfficeCommandTests {
  let folder: TestFolder
  let data: String

  init() throws {
    folder = try TestFolder()
    data = folder.path + "/office"
  }

  private func made() async throws -> SQLiteStore {
    _ = try await typed("init", "--data", data, "--name", "rabat")
    return try SQLiteStore.open(folder: data)
  }

  @Test func initMakesAStoreWithOneGrant() async throws {
    let said = try await typed(
      "init", "--data", data, "--name", "rabat", "--cert", "/etc/rabat.pem", "--listen", "[::]:0")
    let store = try SQLiteStore.open(folder: data)
    let replica = try store.replica()
    #expect(replica.identity == (try Identity("office/rabat")))
    #expect(said.output.contains("Replica ID: \(replica.id)\n"))
    #expect(said.errors.contains("syncserver pki issue --dir DIR office/rabat --host"))
    #expect(
      try store.grants()
        == [Grant(subject: .everyone(.office), scope: .allCollections, access: .write)])
    #expect(try PKIFixtures.mode(of: data) == 0o700)
    let configuration = try StoreConfiguration(readingFrom: StoreFolder(path: data))
    #expect(configuration.certificate == "/etc/rabat.pem")
    #expect(configuration.listen == [NetworkAddress(host: "::", port: 0)])
  }

  @Test func initNamesRunWhenTheCertificateIsThere() async throws {
    let certificate = try folder.write("", to: "rabat.pem")
    let said = try await typed("init", "--data", data, "--name", "rabat", "--cert", certificate)
    #expect(said.errors.contains("syncserver run --data \(data) --listen 0.0.0.0:7443"))
  }

  @Test func initAnswersInJSON() async throws {
    let said = try await typed("init", "--data", data, "--name", "rabat", "--json")
    let id = try SQLiteStore.open(folder: data).replica().id
    #expect(
      said.output == #"{"ok":true,"data":"\#(data)","replica":{"id":"\#(id)","name":"rabat","#
        + #""identity":"office/rabat","former":[]}}"# + "\n")
  }

  @Test func initLeavesAStoreThatIsThere() async throws {
    let before = try await made().replica()
    await #expect(throws: StorageError.exists(path: data + "/store.sqlite")) {
      _ = try await typed("init", "--data", data, "--name", "fes")
    }
    #expect(try SQLiteStore.open(folder: data).replica() == before)
  }

  @Test(arguments: ["Rabat", "a/b", "-a", "é"])
  func initRefusesNames(_ name: String) async throws {
    let error = await #expect(throws: CommandError.self) {
      _ = try await typed("init", "--data", data, "--name=\(name)")
    }
    #expect(error?.name == "bad-name")
    #expect(error?.status == .badData)
    #expect(!SQLiteStore.exists(inFolder: data))
  }

  @Test(arguments: [["status"], ["replicas"], ["access", "list"], ["run"]])
  func aMissingStoreIsNeverMade(_ command: [String]) async throws {
    let error = await #expect(throws: CommandError.self) {
      _ = try await typed(command + ["--data", data])
    }
    #expect(error?.name == "no-store")
    #expect(error?.remedy.contains("syncserver init --data \(data) --name NAME") == true)
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test func aDevicesStoreIsNoOffice() async throws {
    let device = ReplicaInfo(
      id: ReplicaID(short: "d"), name: "amina", identity: try Identity("field/amina"))
    _ = try SQLiteStore.create(folder: data, replica: device)
    let error = await #expect(throws: CommandError.self) {
      _ = try await typed("status", "--data", data)
    }
    #expect(error?.name == "not-an-office")
  }

  @Test func statusShowsWhatTheStoreHolds() async throws {
    let store = try await made()
    let collection = try CollectionName("casablanca-settat")
    try store.write(to: collection, wallMilliseconds: 1_000, note: "") { writer in
      _ = try writer.put(
        RecordID("hub"), changes: [(try FieldPath("title"), .value(.text("Hub")))], context: nil)
    }
    let id = try store.replica().id
    let fingerprint = try store.snapshot(of: collection).condition.fingerprint
    let grants = try store.snapshot(of: .office).condition.fingerprint
    let json = try await typed("status", "--data", data, "--json").output
    #expect(
      json
        == #"{"data":"\#(data)","replica":{"id":"\#(id)","name":"rabat","identity":"office/rabat","former":[]},"#
        + #""recovering":false,"collections":[{"name":"$office","records":1,"conflicts":0,"unsent":1,"#
        + #""refused":0,"fingerprint":"\#(grants)","knowledge":{"\#(id)":1}},"#
        + #"{"name":"casablanca-settat","records":1,"conflicts":0,"unsent":1,"#
        + #""refused":0,"fingerprint":"\#(fingerprint)","knowledge":{"\#(id)":1}}],"peers":[],"certificate":null}"#
        + "\n")
    let text = try await typed("status", "--data", data).output
    #expect(text.hasPrefix("Store: \(data)\n"))
    #expect(text.contains("casablanca-settat"))
    #expect(try await typed("status", "--data", data, "--quiet").output.isEmpty)
  }

  @Test func replicasShowsWhoIsBehind() async throws {
    let store = try await made()
    let collection = try CollectionName("projects")
    for id in ["a", "b", "c"] {
      try store.write(to: collection, wallMilliseconds: 1_000, note: "") { writer in
        _ = try writer.put(
          RecordID(id), changes: [(try FieldPath("title"), .value(.text(id)))], context: nil)
      }
    }
    #expect(try await typed("replicas", "--data", data).output.hasPrefix("Nobody has synced"))
    let own = try store.replica().id
    let visitor = ReplicaID(short: "amina")
    try store.bind(
      replica: visitor, to: Identity("field/amina"), name: "amina", wallMilliseconds: 1_000)
    try store.notePeer(
      visitor, atMilliseconds: 1_764_000_000_000, knowledge: VersionVector(Dot(own, 1)),
      in: collection)
    let lines = try await typed("replicas", "--data", data, "--json").output
    #expect(
      lines == #"{"identity":"field/amina","role":"field","replica":"\#(visitor)","name":"amina","#
        + #""seen":"2025-11-24T16:00:00.000Z","behind":{"projects":2},"successor":null,"retired":null}"#
        + "\n")
    let table = try await typed("replicas", "--data", data).output
    #expect(table.contains("projects: 2"))
  }
}
