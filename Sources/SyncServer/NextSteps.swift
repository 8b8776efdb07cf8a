import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// What `syncserver` names as the next command.
enum NextSteps {
  // MARK: Certificates

  static func issue(_ folder: AuthorityFolder) -> [NextStep] {
    [
      NextStep(
        "Next, a certificate for the first office",
        ShellCommand(
          "syncserver", "pki", "issue", "--dir", folder.path, "office/NAME", "--host",
          "NAME-OR-ADDRESS"))
    ]
  }

  /// - Parameter hasKey: whether the key was made here too; otherwise whoever made the request has it, in a store.
  static func issued(
    _ identity: Identity, _ files: IssuedFiles, _ folder: AuthorityFolder, hasKey: Bool
  ) -> [NextStep] {
    hasKey
      ? [newStore(identity, files, folder)]
      : certified(identity, files, folder)
  }

  private static func newStore(
    _ identity: Identity, _ files: IssuedFiles, _ folder: AuthorityFolder
  ) -> NextStep {
    let certificates = [
      "--cert", files.certificatePath, "--key", files.keyPath, "--ca", folder.certificatePath,
    ]
    return switch identity.role {
    case .office:
      NextStep(
        "Next, on the office's machine (copy the files there)",
        ShellCommand(
          ["syncserver", "init", "--name", identity.name] + certificates
            + ["--crl", folder.revocationListPath]))
    case .field:
      NextStep(
        "Next, on the device (copy the files there)",
        ShellCommand(
          ["syncclient", "init", "--name", identity.name, "--server", "HOST:7443"] + certificates))
    }
  }

  private static func certified(
    _ identity: Identity, _ files: IssuedFiles, _ folder: AuthorityFolder
  ) -> [NextStep] {
    switch identity.role {
    case .office:
      [
        NextStep(
          """
          Next, copy \(files.certificatePath) into the office's store as identity.pem and \
          \(folder.certificatePath) as ca.pem, then there
          """, ShellCommand("syncserver", "run"))
      ]
    case .field:
      [
        NextStep(
          """
          Next, copy \(files.certificatePath) into the device's store as identity.pem and \
          \(folder.certificatePath) as ca.pem, and let the device in, at the office
          """,
          ShellCommand("syncserver", "access", "grant", identity.description, "COLLECTION")),
        NextStep("Then, on the device", ShellCommand("syncclient", "pull")),
      ]
    }
  }

  /// A list that lies in an office's store, its server spreads.
  static func spreadList(_ folder: AuthorityFolder) -> [NextStep] {
    if folder.isInStore { return [] }
    return [
      NextStep(
        """
        Next, copy \(folder.revocationListPath) to every office, and there let the server read it
        """, ShellCommand("kill", "-HUP", "PROCESS-ID"))
    ]
  }

  static func makeEnrolment(_ office: Identity, _ folder: StoreFolder) -> NextStep {
    NextStep(
      "If it is to give out tokens to field devices, before that, with the certificate authority",
      ShellCommand(
        "syncserver", "pki", "enrolment", "--dir", "DIR", office.description, "--out",
        folder.enrolment))
  }

  static func holdEnrolment(_ folder: AuthorityFolder) -> [NextStep] {
    [
      NextStep(
        "Next, where the office's store is (with \(folder.path) in it, as `enrolment`)",
        ShellCommand("syncserver", "run")),
      NextStep(
        "Then give out a token",
        ShellCommand("syncserver", "enrol", "field/NAME", "--collections", "COLLECTION")),
    ]
  }

  // MARK: An office

  /// The command that makes a store in the folder.
  static func make(_ folder: StoreFolder) -> ShellCommand {
    ShellCommand("syncserver", "init", "--data", folder.path, "--name", "NAME")
  }

  /// - Parameter listens: whether the store's settings say where.
  static func run(_ store: StoreOptions, listens: Bool) -> [NextStep] {
    let command = ["syncserver", "run"] + store.words
    return [
      listens
        ? NextStep("Next, serve it to others", ShellCommand(command))
        : NextStep(
          "Next, let other machines in", ShellCommand(command + ["--listen", "0.0.0.0:7443"]))
    ]
  }

  static func watchPeers(_ store: StoreOptions) -> NextStep {
    NextStep("Next, see how it goes", ShellCommand(["syncserver", "peer", "list"] + store.words))
  }

  static func restore(_ file: String) -> NextStep {
    NextStep(
      "Next, see on another machine that it can be put back",
      ShellCommand("syncserver", "restore", file, "--data", "DIR"))
  }

  static func certify(
    _ replica: ReplicaInfo, _ settings: NetworkSettings, _ store: StoreOptions
  ) -> [NextStep] {
    [
      NextStep(
        "Next, where the certificate authority is kept",
        ShellCommand(
          "syncserver", "pki", "issue", "--dir", "DIR", replica.identity.description, "--host",
          "NAME-OR-ADDRESS")),
      NextStep(
        """
        Then copy its certificate to \(settings.certificate), its key to \(settings.key) and \
        ca.pem to \(settings.authority), and here
        """, ShellCommand(["syncserver", "run"] + store.words)),
    ]
  }

  /// Retiring keeps nobody out.
  static func retired(_ owner: Identity?) -> [NextStep] {
    guard let owner else { return [] }
    return [
      NextStep(
        "If it was lost or stolen, keep it out as well, where the certificate authority is kept",
        ShellCommand("syncserver", "pki", "revoke", "--dir", "DIR", owner.description))
    ]
  }

  /// Once the server is up.
  ///
  /// - Parameters:
  ///   - store: the options that named the store, empty for the program's own.
  ///   - folder: where it is: `syncclient` has another folder of its own.
  ///   - collections: what the store holds.
  static func serving(
    _ store: StoreOptions, _ folder: StoreFolder, _ collections: [CollectionName]
  ) -> [NextStep] {
    if let collection = collections.first(where: { $0 != .office }) {
      return [
        NextStep(
          "Next, let a field device in",
          ShellCommand(
            ["syncserver", "access", "grant"] + store.words + ["field/NAME", collection.text]))
      ]
    }
    let data = ["--data", store.data ?? folder.path]
    return [
      NextStep(
        "Next, say what the records of a collection are",
        ShellCommand(["syncclient", "schema", "set", "COLLECTION", "FILE.json"] + data)),
      NextStep(
        "Or get what another office has",
        ShellCommand(["syncclient", "sync", "--server", "HOST:7443"] + data)),
    ]
  }

  static let enrol = [
    NextStep("Next, on the device", ShellCommand("syncclient", "enrol", "TOKEN"))
  ]

  // MARK: Access

  static func granted(_ subject: Grant.Subject, _ scope: Grant.Scope) -> [NextStep] {
    let collection =
      switch scope {
      case .collection(let name): [name.text]
      case .allCollections: [String]()
      }
    return [
      NextStep(
        "Next, on a machine of \(subject)",
        ShellCommand(["syncclient", "pull"] + collection))
    ]
  }

  static func revoked(_ store: StoreOptions) -> [NextStep] {
    [
      NextStep(
        "Next, see what is granted still",
        ShellCommand(["syncserver", "access", "list"] + store.words))
    ]
  }
}
