import ArgumentParser
import Foundation
import Logging
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import UnixSignals

struct RunCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Serve the office's store to other offices and to field devices.",
    discussion: """
      Prints a line `listening on HOST:PORT` for each listener when it accepts connections; the log goes to standard \
      error. SIGTERM and SIGINT let what is in flight finish, within ten seconds. SIGHUP reads certificates, revocation \
      list and config.toml anew.

      Example: syncserver run --listen 0.0.0.0:7443 --listen '[::]:7443' --log-format json
      """)

  /// It stops in good order by itself, and then has done what was asked.
  static let handlesSignals = true

  @OptionGroup var store: StoreOptions
  @OptionGroup var certificates: CertificateOptions
  @OptionGroup var patience: WaitOptions
  @OptionGroup var log: LogOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: .customLong("listen"),
    help: .init(
      "Where to listen; may be repeated. Default: \(RunSettings.listenDefault).",
      valueName: "host:port"))
  var listen: [String] = []

  @Flag(
    help: "Let nobody in while a revocation list is missing or past its time, instead of warning.")
  var strictCrl = false

  @Option(
    help: ArgumentHelp(
      "Write the server's figures there, for Prometheus; the name ends in .prom.",
      valueName: "file"),
    completion: .file(extensions: ["prom"]))
  var metrics: String?

  func validate() throws {
    guard metrics?.hasSuffix(".prom") ?? true else {
      throw ValidationError("--metrics names a file that ends in .prom.")
    }
  }

  func run(console: Console) async throws {
    tuneAllocatorForBulkTransfer()
    // Before signals are taken: whoever is asked can leave.
    let passphrase = try RunSettings.askedPassphrase(
      folder: store.folder(of: .server), certificates: certificates, on: console)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    let office = try OfficeStore(opening: store.folder(of: .server))
    let (certificates, patience, listen, metrics) = (certificates, patience, listen, metrics)
    let strictRevocation = strictCrl
    let read: @Sendable () throws -> RunSettings = {
      try RunSettings(
        folder: office.folder, certificates: certificates, passphrase: passphrase,
        patience: patience,
        strictRevocation: strictRevocation, listen: listen, metrics: metrics)
    }
    let settings = try read()
    let lock = try await RunLock.acquire(office.folder.serverLock, wait: settings.network.wait)
    defer { withExtendedLifetime(lock) {} }
    let logger = logger(isQuiet: console.isQuiet)
    let manager = ServiceManager(
      environment: ProcessInfo.processInfo.environment, process: getpid())
    let server = try OfficeServer(
      office, settings, manager: manager, logger: logger, reread: read)
    // Between the lines of a log for machines there is no place for a sentence.
    let next =
      log.format == .text
      ? NextSteps.serving(
        store, office.folder, try office.store.collections().filter { $0 != .office }) : []
    try await server.run(until: signals) { addresses in
      for address in addresses {
        try console.line(.object([JSONMember("listening", .string(address.description))]))
        try console.print(RunTexts.listening(address))
      }
      try console.flush()
      manager.tell(.ready)
      if addresses.allSatisfy(\.isLoopback) { logger.notice("\(RunTexts.onlyThisMachine)") }
      console.next(next)
    }
    // So that what others purged is in none of the files any more; if somebody reads right now, the last to leave does it.
    _ = try? office.store.emptyLog()
  }

  private func logger(isQuiet: Bool) -> Logger {
    let form: LineLogHandler.Form =
      switch log.format {
      case .text: .text(TextStyle.charset(of: ProcessInfo.processInfo.environment))
      case .json: .json
      }
    // Quiet means that only what is wrong is said.
    let level = isQuiet ? max(log.level, .warning) : log.level
    return Logger(label: "syncserver") { _ in
      LineLogHandler(
        form, level: level, now: wallMilliseconds, sink: LineLogHandler.writeToStandardError)
    }
  }
}

/// The wall clock, in milliseconds since 1970 UTC.
@Sendable func wallMilliseconds() -> UInt64 {
  UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
}
