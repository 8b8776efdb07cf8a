import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// `init`, `status`, `schema`.
struct StoreCommandTests {
  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func aDeviceIsMadeWithItsKeyAndRequest() async throws {
    let folder = try TestFolder()
    let data = "\(folder.path)/a/b"
    let line = ["init", "--name", "amina", "--server", "rabat.example", "--data", data]
    let answer = try await CommandLine.run(line + ["--json"], in: folder)
    let replica = try #require(try answer.json()["replica"])
    #expect(replica["identity"] == .string("field/amina"))
    #expect(try SQLiteStore.open(folder: data).replica().identity == Identity("field/amina"))
    #expect(try permissions(data) == 0o700)
    #expect(try permissions("\(data)/identity.key") == 0o600)
    #expect(try permissions("\(data)/store.sqlite") == 0o600)
    #expect(FileManager.default.fileExists(atPath: "\(data)/request.csr"))
    #expect(answer.errors == "")
    #expect(
      try String(contentsOfFile: "\(data)/config.toml", encoding: .utf8)
        .contains("rabat.example:7443"))
    let again = try await CommandLine.run(line, in: folder)
    #expect(again.status == .badData)
    #expect(again.failure?.name == "store-exists")
  }

  @Test func aKeyThatIsThereIsUsed() async throws {
    let folder = try TestFolder()
    let data = "\(folder.path)/store"
    let answer = try await CommandLine.run(
      ["init", "--name", "field/amina", "--key", "k.pem", "--data", data], in: folder)
    #expect(!FileManager.default.fileExists(atPath: "\(data)/identity.key"))
    #expect(answer.errors.contains("syncclient pull --server HOST:7443 --data \(data)"))
  }

  @Test func aKeyIsNeverOverwritten() async throws {
    let folder = try TestFolder()
    try folder.write("secret", to: "identity.key")
    let answer = try await CommandLine.run(
      ["init", "--name", "amina", "--data", folder.path], in: folder)
    #expect(answer.failure?.name == "file-exists")
    #expect(!SQLiteStore.exists(inFolder: folder.path))
    #expect(
      try String(contentsOfFile: "\(folder.path)/identity.key", encoding: .utf8) == "secret")
  }

  @Test(arguments: ["office/rabat", "Amina", ""])
  func onlyADevicesNameWillDo(name: String) async throws {
    let folder = try TestFolder()
    let answer = try await CommandLine.run(
      ["init", "--name", name, "--data", "\(folder.path)/store"], in: folder)
    #expect(answer.status == .badData)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/store"))
  }

  @Test func statusNamesTheStoreFirst() async throws {
    let client = try CommandLine()
    try await client("put", "projects", "p1", "a=1")
    let json = try await client("status", "--json").json()
    #expect(json.names.first == "data")
    #expect(json["data"] == .string(client.data))
    #expect(json["certificate"] == .null)
    #expect(json["timesToCome"] == .array([]))
    let collection = try #require(json["collections"]?.items.first)
    #expect(
      collection.names == [
        "name", "records", "conflicts", "unsent", "refused", "fingerprint", "knowledge",
      ])
    #expect(
      collection["knowledge"]?.encoded() == #"{"00000000000000010000000000000002":1}"#)
    #expect(try await client("status").output.hasPrefix("The store is in \(client.data)."))
  }

  @Test func onlyOfficesSetASchema() async throws {
    let device = try CommandLine()
    let file = try device.folder.write(#"{"fields":{"a":{"type":"integer"}}}"#, to: "s.json")
    #expect(try await device("schema", "set", "projects", file).status == .notAllowed)
    let office = try CommandLine("office/rabat")
    #expect(
      try await office("schema", "set", "projects", file, "--json").json()["changed"]
        == .boolean(true))
    #expect(
      try await office("schema", "set", "projects", file, "--json").json()["changed"]
        == .boolean(false))
    #expect(try await office("put", "projects", "p1", "a=x").failure?.name == "schema-violation")
    #expect(try await office("ls", "projects", "--json").output.isEmpty)
    #expect(
      try await office("schema", "show", "projects", "--json").output
        == #"{"fields":{"a":{"type":"integer","policy":"latest"}}}"# + "\n")
    let broken = try office.folder.write(#"{"fields":{"a":{"tpye":"text"}}}"#, to: "b.json")
    #expect(try await office("schema", "set", "projects", broken).failure?.name == "bad-schema")
  }
}
