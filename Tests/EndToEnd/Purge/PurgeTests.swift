import Foundation
import OfficeSyncRecords
import Testing

/// An office erases a record for good: at one office, and so everywhere.
@Suite struct PurgeTests {
  private static let secret = "0600-112233-personal"
  private let mesh: Mesh

  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat"] {
      try mesh.office(office)
      try mesh.start(office)
    }
    for device in ["amina", "karim"] { try mesh.device(device) }
    try mesh.grant("field/*", "contacts", at: "casablanca")
  }

  private func put(_ store: String, _ id: String, _ assignment: String) throws {
    try mesh.must("syncclient", "put", "--data", store, "contacts", id, assignment)
  }

  private func exchange(_ store: String, with office: String) throws {
    try mesh.exchange(store, with: office, collection: "contacts")
  }

  private func log(_ store: String) throws -> [JSONValue] {
    try mesh.must("syncclient", "log", "--data", store, "contacts", "p1", "--json").lines
  }

  /// Whether a store's files hold the secret anywhere, in use or not.
  private func holdsSecret(_ store: String) throws -> Bool {
    try ["store.sqlite", "store.sqlite-wal"].contains { name in
      let path = "\(mesh.path)/\(store)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { return false }
      let bytes = try Data(contentsOf: URL(filePath: path))
      return bytes.range(of: Data(Self.secret.utf8)) != nil
    }
  }

  @Test func whatIsPurgedAtOneOfficeIsGoneEverywhere() throws {
    // Short and long values: in a page of their own and over several, beside others that stay.
    for number in 0..<40 { try put("casablanca", "other\(number)", "name=Somebody \(number)") }
    try put("casablanca", "p1", "phone=\(Self.secret)")
    try put("casablanca", "p1", "notes=\(String(repeating: Self.secret + " ", count: 2_000))")
    try exchange("casablanca", with: "rabat")
    for device in ["amina", "karim"] { try exchange(device, with: "casablanca") }
    for store in ["casablanca", "rabat", "amina", "karim"] { #expect(try holdsSecret(store)) }
    // From here on it stands in the history of three stores alone.
    for path in ["phone", "notes"] { try put("casablanca", "p1", "\(path)=none") }
    try exchange("casablanca", with: "rabat")
    try exchange("karim", with: "casablanca")
    for store in ["casablanca", "rabat", "karim"] { #expect(try log(store).count == 4) }
    // Amina knows of nothing, and writes on.
    try put("amina", "p1", "visited=true")

    let purged = try mesh.must(
      "syncclient", "purge", "--data", "casablanca", "contacts", "p1", "--json")
    #expect(try purged.json["changed"]?.bool == true)
    #expect(purged.errors == "")
    #expect(try !holdsSecret("casablanca"), "while the office's server has the store open")
    #expect(try log("casablanca").map { $0["path"]?.text } == ["$deleted"])
    let again = try mesh.must(
      "syncclient", "purge", "--data", "casablanca", "contacts", "p1", "--json")
    #expect(try again.json["changed"]?.bool == false)

    try exchange("karim", with: "casablanca")
    #expect(try !holdsSecret("karim"))
    #expect(try log("karim").map { $0["path"]?.text } == ["$deleted"])
    #expect(try mesh.record("p1", in: "karim", "contacts")["deleted"]?.bool == true)
    try exchange("casablanca", with: "rabat")
    try mesh.stop("rabat")
    #expect(try !holdsSecret("rabat"))

    // Her edit survives by itself, and a person decides.
    try exchange("amina", with: "casablanca")
    #expect(try !holdsSecret("amina"))
    let check = try mesh.client("conflicts", "--data", "amina", "--check", "--json")
    #expect(check.status == 1)
    #expect(try check.lines.map { $0["path"]?.text } == ["$deleted"])
    let kept = try mesh.record("p1", in: "casablanca", "contacts")
    #expect(kept["fields"]?.encoded() == #"{"visited":true}"#)
    try exchange("karim", with: "casablanca")
    #expect(
      try mesh.fingerprint("contacts", in: "karim") == mesh.fingerprint("contacts", in: "amina"))
    #expect(try mesh.record("other7", in: "karim", "contacts")["deleted"]?.bool == false)
  }

  @Test func devicesPurgeNothing() throws {
    try put("amina", "p1", "phone=1")
    let refused = try mesh.client("purge", "--data", "amina", "contacts", "p1", "--json")
    #expect(refused.status == 77)
    #expect(try refused.json["error"]?["name"]?.text == "offices-only")
    #expect(try mesh.record("p1", in: "amina", "contacts")["fields"]?["phone"]?.int == 1)
  }
}
