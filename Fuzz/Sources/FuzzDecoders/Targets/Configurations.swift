import ArgumentParser
import Foundation
import OfficeSyncCommandSupport
import OfficeSyncStorage

/// A `config.toml`, read from its file as every program reads it, and made the settings of a client and of a server. What
/// reads must read the same when it is written.
func fuzzConfigurations(_ bytes: [UInt8]) {
  do {
    let folder = ConfigurationFolder.folder
    try Data(bytes).write(to: URL(filePath: folder.configuration))
    let file: StoreConfiguration
    do { file = try StoreConfiguration(readingFrom: folder) } catch { return }
    try file.write(to: folder)
    require(
      try StoreConfiguration(readingFrom: folder) == file, "settings changed by being written")
    let settings = try NetworkSettings(
      ConfigurationFolder.noOptions, folder: folder, file: file, environment: [:])
    require(settings.server == file.server, "the office is another than the file says")
    require(settings.timeout >= .seconds(1), "a timeout is shorter than a second")
    _ = HistoryRetention(days: file.history)
    _ = DiskReserve(percent: file.reserve)
    _ = file.path(nil, orElse: file.metrics, in: folder)
  } catch {
    require(false, "what can be read cannot be used: \(error)")
  }
}

private enum ConfigurationFolder {
  /// One thread alone fuzzes.
  nonisolated(unsafe) static let noOptions: NetworkOptions = {
    do { return try NetworkOptions.parse([]) } catch {
      fatalError("no options are wrong: \(error)")
    }
  }()

  static let folder: StoreFolder = {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("officesync-fuzz-\(ProcessInfo.processInfo.processIdentifier)").path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      fatalError("\(path) cannot be made: \(error)")
    }
    return StoreFolder(path: path)
  }()
}
