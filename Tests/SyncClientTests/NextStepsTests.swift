import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// Which command each command names when it ends.
struct NextStepsTests {
  private func device(configured: Bool = true) throws -> CommandLine {
    let device = try CommandLine()
    if configured {
      try device.folder.write("server = \"rabat.example\"\n", to: "store/config.toml")
    }
    return device
  }

  /// - Returns: the commands that were named, without `--data`.
  private func named(_ answer: CommandLine.Answer, by client: CommandLine) -> [String] {
    answer.errors.split(separator: "\n").filter { $0.hasPrefix("  ") }
      .map { String($0.dropFirst(2)).replacing(" --data \(client.data)", with: "") }
  }

  @Test func aDeviceSendsWhatItWrote() async throws {
    let device = try device()
    for line in [
      ["put", "projects", "p", "a=1", "b=2"], ["unset", "projects", "p", "a"],
      ["rm", "projects", "p"],
    ] {
      let answer = try await CommandLine.run(line + ["--data", device.data], in: device.folder)
      #expect(
        answer.errors == "Next, send it to the office:\n  syncclient push --data \(device.data)\n")
    }
  }

  @Test func aServerThatNobodyNamedIsToFillIn() async throws {
    let device = try device(configured: false)
    let answer = try await device("put", "projects", "p", "a=1")
    #expect(named(answer, by: device) == ["syncclient push --server HOST:7443"])
  }

  @Test func wrongSettingsDoNotMakeAWriteFail() async throws {
    let device = try CommandLine()
    try device.folder.write("server = 7\n", to: "store/config.toml")
    let answer = try await device("put", "projects", "p", "a=1")
    #expect(answer.status == .done)
    #expect(named(answer, by: device) == ["syncclient push --server HOST:7443"])
  }

  @Test func whereThereIsNobodyToSendToOneLooksAtIt() async throws {
    let office = try CommandLine("office/rabat")
    let put = try await office("put", "projects", "it's", "a=1")
    #expect(named(put, by: office) == [#"syncclient get projects 'it'\''s'"#])
    let again = try await device()("put", "projects", "p", "x=")
    #expect(again.status == .done)
    #expect(
      named(try await office("rm", "projects", "it's"), by: office) == ["syncclient ls projects"])
    try office.folder.write("server = \"fes.example\"\n", to: "store/config.toml")
    let sent = try await office("put", "projects", "q", "a=1")
    #expect(named(sent, by: office) == ["syncclient sync"])
  }

  @Test func whatWroteNothingHasNothingToSend() async throws {
    let device = try device()
    try await device("put", "projects", "p", "a=1")
    let again = try await device("put", "projects", "p", "a=1")
    #expect(named(again, by: device) == ["syncclient get projects p"])
    let gone = try await device("rm", "projects", "q")
    #expect(named(gone, by: device) == ["syncclient ls projects"])
  }

  @Test func aCheckedFileIsToBeStored() async throws {
    let device = try device()
    let file = try device.folder.write("id;a\n1;x\n", to: "in.csv")
    let checked = try await device(
      "import", "projects", file, "--empty", "unset", "--encoding", "utf-8", "--dry-run")
    #expect(
      named(checked, by: device)
        == ["syncclient import projects \(file) --empty unset --encoding utf-8"])
    #expect(
      named(try await device("import", "projects", file), by: device) == ["syncclient push"])
    #expect(
      named(try await device("import", "projects", file), by: device) == ["syncclient ls projects"])
  }

  @Test func aListNamesItsFirstRecord() async throws {
    let device = try device()
    #expect(named(try await device("ls", "projects"), by: device) == ["syncclient collections"])
    for id in ["b", "a"] { try await device("put", "projects", id, "x=\(id)") }
    #expect(named(try await device("ls", "projects"), by: device) == ["syncclient get projects a"])
    #expect(
      named(try await device("ls", "projects", "--where", "x=b"), by: device)
        == ["syncclient get projects b"])
    #expect(try await device("ls", "projects", "--json").errors == "")
  }

  // MARK: Syncing

  private func afterExchange(
    _ directions: Directions, inSync: Bool?, identity: String = "field/amina",
    hasConflicts: Bool = false, hasUnsent: Bool = false,
    of collections: [(String, UInt64)] = [("archive", 0), ("projects", 3)],
    _ change: (inout ChannelOutcome) -> Void = { _ in }
  ) throws -> String {
    var report = OfficeSyncSyncLink.SyncClient.Report()
    for (name, received) in collections {
      var outcome = ChannelOutcome(collection: try CollectionName(name), directions: directions)
      outcome.received = received
      outcome.inSync = inSync
      change(&outcome)
      report.outcomes.append(outcome)
    }
    let plain = Terminal(isTerminal: false, reportedColumns: nil, environment: [:])
    let console = Console(
      isJSON: true, isQuiet: false, output: OutputFile(descriptor: 1),
      errors: OutputFile(descriptor: 2), terminal: plain, errorTerminal: plain)
    let outcome = try ExchangeOutcome(
      report, server: NetworkAddress(host: "::1", port: 7443),
      request: Exchange(directions: directions, collections: nil, console: console),
      identity: Identity(identity), unsent: { _ in 0 })
    let next = NextSteps(try StoreOptions.parse([]), server: "h", isConfigured: false)
    return outcome.nextStep(
      next, identity: try Identity(identity), hasConflicts: hasConflicts, hasUnsent: hasUnsent
    ).command.description
  }

  @Test func afterSyncingComesWhatIsLeftToDo() throws {
    #expect(try afterExchange([.pull, .push], inSync: true) == "syncclient ls projects")
    #expect(
      try afterExchange([.pull, .push], inSync: true, hasConflicts: true) == "syncclient conflicts")
    #expect(try afterExchange(.push, inSync: nil) == "syncclient pull --server h")
    #expect(try afterExchange(.pull, inSync: nil) == "syncclient ls projects")
    #expect(
      try afterExchange(.pull, inSync: nil, hasUnsent: true) == "syncclient push --server h")
    #expect(try afterExchange([.pull, .push], inSync: false) == "syncclient sync --server h")
    #expect(
      try afterExchange(.push, inSync: nil) { $0.deferred = 1 } == "syncclient push --server h")
    #expect(try afterExchange(.push, inSync: nil) { $0.refused = 1 } == "syncclient status")
  }

  @Test func officesAreNotSentToWhatTheyAgreeOn() throws {
    #expect(
      try afterExchange(
        [.pull, .push], inSync: true, identity: "office/fes", of: [("$office", 7), ("notes", 0)])
        == "syncclient ls notes")
    #expect(
      try afterExchange(
        [.pull, .push], inSync: true, identity: "office/fes", of: [("$office", 7)])
        == "syncclient put COLLECTION RECORD FIELD=VALUE")
  }

  @Test func whoeverGotNothingIsLetInOrBegins() throws {
    #expect(
      try afterExchange(.pull, inSync: nil, of: [])
        == "syncserver access grant field/amina COLLECTION")
    #expect(
      try afterExchange(.pull, inSync: nil, identity: "office/fes", of: [])
        == "syncclient put COLLECTION RECORD FIELD=VALUE")
  }
}
