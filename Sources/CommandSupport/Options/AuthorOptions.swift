import ArgumentParser
import Foundation
import OfficeSyncRecords

/// Who sits at the desk.
public struct AuthorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Who makes the change, beside the store's identity. Default: $OFFICESYNC_BY.",
      valueName: "text"))
  public var by: String?

  public init() {}

  /// - Throws: `CommandError` `over-limit` (65)
  public func note(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> String {
    let text = by ?? environment["OFFICESYNC_BY"] ?? ""
    if text.utf8.count > WriteInfo.noteBytesMax { throw CommandError.longNote }
    return text
  }
}
