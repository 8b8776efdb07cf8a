import Foundation
import OfficeSyncTestSupport
import Testing

/// Stores that programs of earlier formats made (`scripts/make-store`): each has something of everything.
enum KeptStore {
  /// Without its extension.
  static func path(format: Int) -> String {
    RepositoryFiles.path("Tests/StorageTests/Stores/format-\(format)")
  }

  /// A copy in a folder of its own.
  static func copy(format: Int) throws -> TestFolder {
    let source = path(format: format) + ".sqlite"
    try #require(
      FileManager.default.fileExists(atPath: source),
      "see CONTRIBUTING.md, \"A format of the store\"")
    let folder = try TestFolder()
    try FileManager.default.copyItem(atPath: source, toPath: "\(folder.path)/store.sqlite")
    return folder
  }
}
