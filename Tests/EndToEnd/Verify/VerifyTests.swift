import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Bits that flip on a disk are found, named, and made good from an office that has the right ones.
@Suite struct VerifyTests {
  private static let marker = "Centre de Casablanca, un titre qui ne se trouve qu'une fois"
  private let mesh: Mesh

  /// Two offices and a device with the same 301 records.
  init() throws {
    mesh = try Mesh()
    for office in ["casablanca", "rabat"] { try mesh.office(office) }
    try mesh.device("amina")
    try mesh.grant("field/*", "projects", at: "casablanca")
    let rows = (1...300).map { "{\"id\":\"P\(1_000 + $0)\",\"title\":\"Projet \($0)\"}\n" }
    try mesh.folder.write(rows.joined(), to: "rows.ndjson")
    try mesh.must("syncclient", "import", "--data", "casablanca", "projects", "rows.ndjson")
    try mesh.must(
      "syncclient", "put", "--data", "casablanca", "projects", "marked", "title=\(Self.marker)")
    try mesh.start("casablanca")
    for store in ["amina", "rabat"] { try mesh.exchange(store, with: "casablanca") }
  }

  private func verify(
    _ store: String, with office: String = "casablanca", _ more: String...
  ) throws -> ProgramRun {
    try BuiltPrograms.run(
      "syncclient",
      ["verify", "--data", store, "--server", mesh.address(office), "--json"] + more,
      in: mesh.path)
  }

  private func local(_ store: String) throws -> ProgramRun {
    try mesh.client("verify", "--local", "--data", store, "--json")
  }

  private func title(_ id: String, in store: String) throws -> String? {
    try mesh.record(id, in: store)["fields"]?["title"]?.text
  }

  @Test func whatIsTheSameIsFoundToBeSo() throws {
    let same = try verify("amina")
    #expect(same.status == 0, "\(same)")
    let found = try #require(try same.json.collection("projects"))
    #expect(try same.json["ok"]?.bool == true)
    #expect(found["same"]?.bool == true)
    #expect(found["records"]?.int == 301)
    #expect(found["differences"]?.items?.isEmpty == true)
    #expect(try verify("rabat").status == 0)
    for store in ["amina", "rabat", "casablanca"] {
      let sound = try local(store)
      #expect(sound.status == 0, "\(sound)")
      // An office has the offices' own records besides.
      let records = try #require(try sound.json["records"]?.int)
      #expect(store == "amina" ? records == 301 : records > 301)
    }
    let told = try mesh.client(
      "verify", "--data", "amina", "--server", mesh.address("casablanca"), "projects")
    #expect(told.output == "projects: the same on both sides; records: 301.\n")
  }

  @Test func aFlippedBitInARecordIsFoundNamedAndMadeGood() throws {
    let fingerprint = try mesh.fingerprint("projects", in: "casablanca")
    try mesh.flip(Self.marker, in: "amina")
    let alone = try local("amina")
    #expect(alone.status == 1)
    #expect(try alone.json["damage"]?.items?.map { $0["id"]?.text } == ["marked"])
    #expect(try alone.json["damage"]?.items?.first?["kind"]?.text == "record")

    let different = try verify("amina")
    #expect(different.status == 1)
    let found = try #require(try different.json.collection("projects"))
    #expect(found["same"]?.bool == false)
    #expect(
      found["differences"]?.encoded() == #"[{"id":"marked","here":"damaged","there":"sound"}]"#)
    #expect(try different.json["bytesReceived"]?.int ?? .max < 12_000)
    #expect(try title("marked", in: "amina") != Self.marker)

    let repaired = try verify("amina", "--repair")
    #expect(repaired.status == 0, "\(repaired)")
    #expect(try repaired.json.collection("projects")?["repaired"]?.int == 1)
    #expect(try title("marked", in: "amina") == Self.marker)
    #expect(try local("amina").status == 0)
    #expect(try verify("amina").status == 0)
    #expect(try mesh.fingerprint("projects", in: "amina") == fingerprint)
  }

  @Test func damageAtTheOfficeIsNamedAsTheOffices() throws {
    try mesh.stop("casablanca")
    try mesh.flip(Self.marker, in: "casablanca")
    try mesh.start("casablanca")
    let different = try verify("amina", "--repair")
    #expect(different.status == 1)
    #expect(
      try different.json.collection("projects")?["differences"]?.encoded()
        == #"[{"id":"marked","here":"sound","there":"damaged"}]"#)
    // The office has it made good by the other office.
    try mesh.start("rabat")
    #expect(try verify("casablanca", with: "rabat", "--repair", "projects").status == 0)
    #expect(try verify("amina").status == 0)
  }

  @Test func aFlippedBitInTheLogIsFoundToo() throws {
    // The server at work keeps the log.
    let newest = "Un titre tout neuf, encore dans le journal"
    try mesh.start("rabat")
    try mesh.must(
      "syncclient", "put", "--data", "rabat", "projects", "P1001", "title=\(newest)")
    try mesh.exchange("rabat", with: "casablanca")
    try mesh.flip(newest, in: "rabat", file: "store.sqlite-wal")
    let alone = try local("rabat")
    #expect(alone.status == 1)
    #expect(try alone.json["damage"]?.items?.map { $0["id"]?.text } == ["P1001"])
    #expect(try verify("rabat", "--repair").status == 0)
    #expect(try title("P1001", in: "rabat") == newest)
    #expect(try local("rabat").status == 0)
  }

  @Test func aFlippedBitInAnIndexIsFoundAndMadeGood() throws {
    // Each ID stands in its record's row and in the index by ID; one bit of each is flipped in turn.
    let id = "P1234"
    let path = "\(mesh.path)/amina/store.sqlite"
    let sound = try Data(contentsOf: URL(filePath: path))
    var from = sound.startIndex
    var places: [Int] = []
    while let place = sound.range(of: Data(id.utf8), in: from..<sound.endIndex) {
      places.append(place.lowerBound)
      from = place.upperBound
    }
    #expect(places.count >= 2)
    for place in places {
      var bytes = sound
      bytes[place + 2] ^= 8
      try bytes.write(to: URL(filePath: path))
      #expect(try local("amina").status == 1, "byte \(place)")
      let repaired = try verify("amina", "--repair")
      #expect(repaired.status == 0, "byte \(place): \(repaired)")
      let after = try local("amina")
      #expect(after.status == 0, "byte \(place): \(after)")
      #expect(try title(id, in: "amina") == "Projet 234")
    }
  }

  @Test func onlyWhatBothKnowAlikeIsCompared() throws {
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "P1001", "title=Neuf")
    let run = try verify("amina")
    #expect(run.status == 1)
    #expect(try run.json.collection("projects")?["obstacle"]?.text == "knowledge-differs")
    #expect(try run.json.collection("projects")?["same"] == .null)
    try mesh.exchange("amina", with: "casablanca")
    #expect(try verify("amina").status == 0)
  }

  @Test func whatMayNotBeReadIsNotCompared() throws {
    try mesh.must("syncclient", "put", "--data", "amina", "secret", "a", "x=1")
    let run = try verify("amina", with: "casablanca", "secret")
    #expect(run.status == 77, "\(run)")
    #expect(try run.json["error"]?["name"]?.text == "not-allowed")
  }

  @Test func wrongUseIsRefused() throws {
    for options in [["--local", "--repair"], ["--local", "projects"]] {
      let run = try BuiltPrograms.run(
        "syncclient", ["verify", "--data", "amina"] + options, in: mesh.path)
      #expect(run.status == 64)
    }
  }

  /// A page of the file that SQLite cannot walk through: the store is made anew from the others, and what is lost comes from the
  /// office; what was not sent yet and could be read goes there.
  @Test func aBrokenPageIsMadeGoodFromTheOffice() throws {
    try mesh.must("syncclient", "put", "--data", "amina", "projects", "mine", "title=Visite")
    try mesh.breakPage(of: Self.marker, in: "amina")
    #expect(try local("amina").status == 1)
    let repair = try verify("amina", with: "casablanca", "--repair")
    #expect(repair.errors.contains("It was made anew from the others"), "\(repair)")
    #expect(try title("marked", in: "amina") == Self.marker)
    #expect(try local("amina").status == 0)
    try mesh.exchange("amina", with: "casablanca")
    #expect(
      try mesh.fingerprint("projects", in: "amina")
        == mesh.fingerprint("projects", in: "casablanca"))
    if try mesh.client("get", "--data", "amina", "projects", "mine").status == 0 {
      #expect(try title("mine", in: "casablanca") == "Visite")
    }
    let kept = try FileManager.default.contentsOfDirectory(atPath: "\(mesh.path)/amina")
    #expect(kept.contains { $0.hasPrefix("store.sqlite.damaged-") })
    // All is well now.
    #expect(try verify("amina").status == 0)
  }

  /// The same of an office, whose server must not run meanwhile.
  @Test func anOfficesBrokenPageIsMadeGoodFromAnother() throws {
    try mesh.start("rabat")
    try mesh.stop("casablanca")
    try mesh.breakPage(of: Self.marker, in: "casablanca")
    let server = try? mesh.start("casablanca")
    if server != nil {
      #expect(try verify("casablanca", with: "rabat", "--repair").status == 75)
      try mesh.stop("casablanca")
    }
    let repair = try verify("casablanca", with: "rabat", "--repair")
    #expect(repair.errors.contains("It was made anew from the others"), "\(repair)")
    #expect(try title("marked", in: "casablanca") == Self.marker)
    try mesh.exchange("casablanca", with: "rabat")
    #expect(
      try mesh.fingerprint("projects", in: "rabat")
        == mesh.fingerprint("projects", in: "casablanca"))
  }
}
