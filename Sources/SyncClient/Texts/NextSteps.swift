import OfficeSyncCommandSupport
import OfficeSyncRecords

/// What `syncclient` names as the next command, for the store that it worked on.
struct NextSteps {
  private let store: [String]
  private let server: [String]
  /// Whether commands that sync know a server already.
  private let knowsServer: Bool

  /// - Parameters:
  ///   - server: what `--server` said.
  ///   - isConfigured: whether a server is named elsewhere.
  init(_ store: StoreOptions, server: String? = nil, isConfigured: Bool) {
    self.store = store.words
    knowsServer = server != nil || isConfigured
    self.server = knowsServer ? server.map { ["--server", $0] } ?? [] : ["--server", "HOST:7443"]
  }

  /// The command that makes a store.
  static func make(_ store: StoreOptions) -> ShellCommand {
    ShellCommand(["syncclient", "init"] + store.words + ["--name", "NAME"])
  }

  // MARK: A new store

  func certify(_ identity: Identity, _ folder: StoreFolder) -> [NextStep] {
    [
      NextStep(
        "Next, have \(folder.request) certified where the authority is kept",
        ShellCommand(
          "syncserver", "pki", "issue", "--dir", "DIR", identity.description, "--request",
          "request.csr")),
      NextStep(
        """
        Then put the certificate here as \(folder.certificate), the authority's ca.pem as \
        \(folder.authority), and get the office's records
        """, exchange("pull")),
    ]
  }

  var firstPull: NextStep { NextStep("Next, get the office's records", exchange("pull")) }

  // MARK: Records

  func get(_ id: RecordID, in collection: CollectionName) -> NextStep {
    NextStep("Next, look at it", command("get", collection.text, id.description))
  }

  func getListed(_ id: RecordID, in collection: CollectionName) -> NextStep {
    NextStep("Next, look at one of them", command("get", collection.text, id.description))
  }

  func list(_ collection: CollectionName) -> NextStep {
    NextStep("Next, look at the records", command("ls", collection.text))
  }

  var collections: NextStep { NextStep("Next, see what there is", command("collections")) }

  func importFile(into collection: CollectionName) -> NextStep {
    NextStep("Next, bring in what is there already", command("import", collection.text, "FILE.csv"))
  }

  /// - Parameter arguments: those of the run that only checked.
  func importChecked(_ arguments: [String]) -> NextStep {
    NextStep("Next, store it", ShellCommand(["syncclient", "import"] + arguments + store))
  }

  /// - Parameter write: of the value to take, shortened.
  func undo(
    _ path: FieldPath, to write: String, of id: RecordID, in collection: CollectionName
  ) -> NextStep {
    NextStep(
      "Next, if that was better, write an earlier value anew",
      command("undo", collection.text, id.description, path.description, "--to", write))
  }

  // MARK: Syncing

  /// How a write gets to others. An office that nobody told of a server is called by the others, and has nothing to do.
  ///
  /// - Parameter look: how to look at what was written.
  func afterWrite(by role: Role, orElse look: NextStep) -> NextStep {
    switch role {
    case .field: NextStep("Next, send it to the office", exchange("push"))
    case .office where knowsServer:
      NextStep("Next, exchange it with the other office", exchange("sync"))
    case .office: look
    }
  }

  var pushRest: NextStep { NextStep("Next, send what is new here", exchange("push")) }
  var pullRest: NextStep { NextStep("Next, get what is new there", exchange("pull")) }
  var syncAgain: NextStep { NextStep("Next, exchange what changed meanwhile", exchange("sync")) }

  var pushDeferred: NextStep {
    NextStep("Next, once the office has what they build on", exchange("push"))
  }

  var status: NextStep { NextStep("Next, see what was refused, and why", command("status")) }

  var repair: NextStep {
    NextStep(
      "Next, fetch what is damaged from an office that has it", exchange("verify", "--repair"))
  }

  var syncFirst: NextStep { NextStep("Next, exchange what is new", exchange("sync")) }

  /// Nothing is granted to a device yet.
  func letIn(_ identity: Identity) -> NextStep {
    NextStep(
      "Next, at the office, let this device at a collection",
      ShellCommand("syncserver", "access", "grant", identity.description, "COLLECTION"))
  }

  var firstRecord: NextStep {
    NextStep("Next, enter something", command("put", "COLLECTION", "RECORD", "FIELD=VALUE"))
  }

  // MARK: Conflicts

  func conflicts(in collection: CollectionName? = nil) -> NextStep {
    NextStep(
      "Next, look at what was changed on both sides",
      ShellCommand(["syncclient", "conflicts"] + (collection.map { [$0.text] } ?? []) + store))
  }

  /// - Parameter path: a field that is open, the first if there are several.
  func resolve(_ path: FieldPath, of id: RecordID, in collection: CollectionName) -> NextStep {
    NextStep(
      "Next, settle what is open, field by field",
      command(
        "resolve", collection.text, id.description, path.description, "--take", "NUMBER"))
  }

  private func command(_ words: String...) -> ShellCommand {
    ShellCommand(["syncclient"] + words + store)
  }

  private func exchange(_ words: String...) -> ShellCommand {
    ShellCommand(["syncclient"] + words + server + store)
  }
}
